"""The questions: REST over the read tables, which this package sees and never builds."""
