"""Whether a meter tells the truth: tests, certification, and what an error is worth in bills."""
