"""What does every service stand on? No business word lives here."""

import gc

# Objects made since the last look for garbage. Python's 700 is a dozen looks for one request, and a sixth of the time in
# which a service is imported.
gc.set_threshold(20_000, 20, 50)
