"""The shell: command line, terminal set-up, the App, the action registry, themes."""
