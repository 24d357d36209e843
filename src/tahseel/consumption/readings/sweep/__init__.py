"""A month of the whole lake in one go: range by range of meters, dense, judged, written down."""
