"""What follows from the facts? A pure fold and its memory; no input or output, no clock."""
