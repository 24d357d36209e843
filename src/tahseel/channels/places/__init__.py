"""The screens of places: found, shown whole, certified, split, merged, demolished."""
