"""The commands of `dester`, one module each."""
