"""Which facts came in, in which order, unchanged, and up to when is the evidence complete?"""
