"""How did a month go, and where was working time lost?"""
