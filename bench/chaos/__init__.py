"""Everything fails at once, by a plan: processes are killed and frozen, connections cut.

See bench/README.md for what is inside and outside, and python -m bench.chaos --help.
"""
