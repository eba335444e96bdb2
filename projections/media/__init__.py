"""The view `media`: what became of each file that a message refers to."""
