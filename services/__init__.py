"""The seven departments. None imports another; each says what happened and reads what the others said."""
