"""Who may see whose record, who has looked at it, and for how long?"""
