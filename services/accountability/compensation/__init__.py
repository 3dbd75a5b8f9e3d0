"""Who answers with money, for what, how much and in which months?"""
