"""The views: the only code that writes read tables, and able to forget everything and rebuild."""
