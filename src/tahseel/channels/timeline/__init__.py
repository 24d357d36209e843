"""The whole story of a person, a unit, a meter or an account, each step with its actor."""
