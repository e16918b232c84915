"""Checks of creations, updates and deletions, valid and invalid."""
