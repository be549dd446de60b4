"""Rows as clients read them; ``api.schemas`` documents each of these."""
