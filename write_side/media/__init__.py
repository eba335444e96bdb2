"""Media: downloads what messages refer to, stores it, and appends what became of it."""
