"""Recorded traffic of a real system: reading it, and the command that compares it with the contract."""
