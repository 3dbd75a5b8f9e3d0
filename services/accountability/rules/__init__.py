"""Which duties, standards, clauses and sanctions are in force, and how is a rulebook read, drafted and approved?"""
