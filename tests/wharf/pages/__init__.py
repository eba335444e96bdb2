"""Pages of what wharf itself keeps, through the whole application."""
