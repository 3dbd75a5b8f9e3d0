"""Engineering 工程部: the product library, the package each order line is made from, and the right to stop work."""
