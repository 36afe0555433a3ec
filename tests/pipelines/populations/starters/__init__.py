"""A fifth population, as somebody would add it: all of its files but those in which it is entered (CONTRIBUTING.md)."""
