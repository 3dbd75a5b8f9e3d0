"""Quality 品质部: every inspection and its verdict, what becomes of bad goods, causes of complaints, and blocks."""
