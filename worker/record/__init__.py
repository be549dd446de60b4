"""What workers write: files as they are found, titles as they are identified, pictures as they are painted."""
