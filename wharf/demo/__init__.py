"""A made-up day of traffic for a service on this machine, so that there is something to see."""
