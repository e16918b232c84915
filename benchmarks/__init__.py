"""Benchmarks beside the peers: `make bench`, or `python -m benchmarks --help`.

`__main__.py` is the run, top to bottom. Each measurement has its own file, and `report.py` writes RESULTS.md.
Nothing here is part of the server.
"""
