"""Reliability promises: what must hold whatever happens, tried in real processes."""
