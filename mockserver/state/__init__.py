"""State: what a sandbox remembers. Collections and their indexes, transactions, sandboxes, stores, fixtures.

Nothing here knows Enspace or HTTP: which collections there are, and what their rules are, is in `enspace`.
"""
