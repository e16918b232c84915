"""Enspace itself: its collections, its rules, and one function for each of its operations, in the file of their tag.

Values in, values out: nothing here knows HTTP. Rules are named R1, R2, … where they are kept.
"""
