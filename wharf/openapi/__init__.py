"""The OpenAPI document: made when the application starts, from the very tables that serve it."""
