"""What clients send: bodies and queries, checked and turned into what the domain understands."""
