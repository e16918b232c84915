"""What keeps a target safe: the guard at the wire, its rules, and the ledger of what is deleted again."""
