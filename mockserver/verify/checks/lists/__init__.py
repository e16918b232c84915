"""Checks of lists: filters, searches, order, pages, counts."""
