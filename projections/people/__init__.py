"""Who is who: the rules by which streams of the log are people, for every view that needs them."""
