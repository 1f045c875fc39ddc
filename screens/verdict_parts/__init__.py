"""What the verdict screen is drawn with."""
