"""Side by side with the peers: `make bench`, or `python -m benchmarks --help`.

`__main__.py` is the run, top to bottom. Each measurement has a file of its own, and `report.py` writes RESULTS.md.
Nothing here is part of the server.
"""
