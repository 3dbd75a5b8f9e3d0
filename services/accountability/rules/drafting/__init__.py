"""How is a rulebook changed field by field?"""
