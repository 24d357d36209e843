"""What was told to whom, and the proof of its delivery."""
