"""Checks of single records and of what other records show of them."""
