"""Runs of `verify` that take minutes: `make thorough`, before a release and after a change of `verify`."""
