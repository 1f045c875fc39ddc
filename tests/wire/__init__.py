"""What reaches a terminal over a wire."""
