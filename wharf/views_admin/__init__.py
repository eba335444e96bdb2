"""Looking after the views over HTTP: how they are, and what can be done about it."""
