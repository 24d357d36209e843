"""Services that people ask for, one definition for counter and web, and the ways they take."""
