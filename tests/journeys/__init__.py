"""The whole road, for real."""
