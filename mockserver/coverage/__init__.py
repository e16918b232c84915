"""Contract coverage: what a suite has shown of the contract and what it has not, as a report in several forms."""
