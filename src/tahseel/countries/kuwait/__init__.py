"""The State of Kuwait: law and custom as data, each fact with its source and confidence."""
