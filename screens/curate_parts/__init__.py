"""The parts of the curation screen."""
