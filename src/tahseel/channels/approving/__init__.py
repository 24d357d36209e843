"""The work-list of two people: what waits, who asked, what it would do, and the answer."""
