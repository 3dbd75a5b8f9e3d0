"""Stories for the clauses, by shape. Each clause has four: a breach, none, an excuse, and the very last moment."""
