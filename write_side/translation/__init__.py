"""From a verified delivery to new events, without touching anything else."""
