"""Who, where, what, under which agreement."""
