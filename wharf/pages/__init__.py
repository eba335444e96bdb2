"""Pages of what wharf itself keeps: users, keys, and how the service is set up."""
