"""Programs that stand for the firms and ministries outside; they share no code with the product."""
