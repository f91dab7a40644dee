"""What every part of the screen stands on: addresses, grades, menu, text, headers."""
