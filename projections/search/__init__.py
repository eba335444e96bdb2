"""The view `search`: what can be found in each message."""
