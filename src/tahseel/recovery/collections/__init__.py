"""Collections: telling people what is overdue, by means that the law recognises, with the proof."""
