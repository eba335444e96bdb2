"""Exports: a whole filtered list as a file, made by a worker and kept for some days."""
