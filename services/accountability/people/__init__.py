"""Who works here in which post, and when does the factory work?"""
