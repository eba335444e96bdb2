"""The only code that appends: webhook, translation of payloads, commands, outside actors."""
