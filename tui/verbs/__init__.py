"""The verbs of the command line, by step of the road. Each calls the engine, then prints."""
