"""Contract coverage: which parts of the contract requests have exercised, as a report in several formats."""
