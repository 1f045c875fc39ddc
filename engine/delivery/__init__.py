"""What leaves strop: exports and reports."""
