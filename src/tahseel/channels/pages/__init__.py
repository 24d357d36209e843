"""The shared components of every screen: the look, the tags, the error pages, the living page."""
