"""The domain of Enspace: its collections, its rules, and one function for each operation, in the file of its tag.

The functions take and return values; nothing here knows HTTP. Docstrings name the rules (R1, R2, …) that they keep.
"""
