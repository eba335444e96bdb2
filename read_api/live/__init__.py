"""What has changed: as a stream of server-sent events, and in pages."""
