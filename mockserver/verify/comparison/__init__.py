"""Comparison of the target with the fake: the calls of a run are repeated against a fake with the same records.

What the checks do not look for shows here: the fake has every rule of Enspace, so an answer that differs is a doubt.
`doubts` collects them, `blame` finds the operation at fault, `doubt_words` reports it.
"""
