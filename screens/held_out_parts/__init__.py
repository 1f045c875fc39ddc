"""The parts of the screen of held-out cases."""
