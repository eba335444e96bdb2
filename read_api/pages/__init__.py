"""The pages: the read API's own answers, written as HTML for people."""
