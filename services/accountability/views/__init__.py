"""How did an order run, whom do verdicts wait for, and what is my own?"""
