"""One file per data check."""
