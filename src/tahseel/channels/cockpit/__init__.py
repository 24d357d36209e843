"""What managers and the public see of the whole: collection of the fiscal year to date."""
