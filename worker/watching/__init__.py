"""Libraries that are scanned of their own accord: when something changes in them, or when their time has come."""
