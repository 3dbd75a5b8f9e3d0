"""Do the pages carry the company's work? Its people click through them in a real browser."""
