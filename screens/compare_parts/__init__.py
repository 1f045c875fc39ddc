"""What the compare screen is drawn with."""
