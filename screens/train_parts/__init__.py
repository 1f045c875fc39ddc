"""The panes of the training screen, and the words and curves on them."""
