"""The synthetic country: invented people, built through the product's own operations."""
