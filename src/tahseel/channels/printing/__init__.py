"""Bills on paper: one for whoever may see it, thousands for the printer."""
