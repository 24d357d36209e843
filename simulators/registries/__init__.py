"""The State's registries as a utility sees them: feeds of signed pages, with their faults."""
