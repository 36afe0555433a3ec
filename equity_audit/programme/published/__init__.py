"""What follows from published editions alone: whole years, and series over time, with the ranges of rounding."""
