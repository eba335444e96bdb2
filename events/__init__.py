"""The log: its vocabulary, its envelope, and the verbs append, read and follow."""
