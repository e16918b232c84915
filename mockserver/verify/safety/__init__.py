"""Safety of the target: the request guard, its rules, and the ledger of records that the run deletes again."""
