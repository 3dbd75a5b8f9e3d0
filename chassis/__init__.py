"""What does every service stand on? No business word lives here."""
