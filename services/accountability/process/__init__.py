"""How does a record go from proposal to lapse: how is the person heard, who decides, who looks again?"""
