"""When somebody from the utility comes: slots that customers book, and access that was refused."""
