"""Who did it, and the proof."""
