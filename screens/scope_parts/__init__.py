"""What the scope screen is made of."""
