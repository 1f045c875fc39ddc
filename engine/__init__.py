"""Everything that is true without a terminal: runs headless and knows no textual."""
