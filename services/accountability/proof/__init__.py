"""Proof for anyone: signed checkpoints, exports of evidence, and a verifier that needs nothing of the running system."""
