"""What a failed check means: whose fault it is, how sure the contract is of it, and what the contract could learn."""
