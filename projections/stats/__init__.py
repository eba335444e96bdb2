"""The view `stats`: how many messages, what became of them, and how long people waited."""
