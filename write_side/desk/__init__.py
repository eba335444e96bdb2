"""What our people do with conversations: a command each, and the frame that all of them have."""
