"""Statistics, answered from the counts of the view `stats` and never from messages."""
