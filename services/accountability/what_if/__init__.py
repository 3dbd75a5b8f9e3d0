"""What would be different under other rules, another calendar or other people, and why?"""
