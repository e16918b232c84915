"""Judgement of calls by the contract: evidence, drift and the edits that correct the contract, as plain values."""
