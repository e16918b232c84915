"""Checks driven by `x-promises` of the contract, and the records that they need."""
