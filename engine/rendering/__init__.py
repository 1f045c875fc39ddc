"""Conversations as the text and the token ids that a model sees. Knows no torch."""
