"""People who sign in, their roles and the guards of every page."""
