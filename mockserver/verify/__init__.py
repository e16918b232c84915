"""The contract as tests against a running target. Stands on top of everything; only the command line imports it."""
