"""One module (and one .tcss) per step of the road, plus the session list."""
