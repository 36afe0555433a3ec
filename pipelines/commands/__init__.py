"""The commands of `equity-audit`, imported only when somebody calls them."""
