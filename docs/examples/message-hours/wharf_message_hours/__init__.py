"""How many messages people sent, by hour (UTC) and business number: one view, made in two ways."""
