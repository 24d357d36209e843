"""What measures: meters, their registers and where they hung, day by day."""
