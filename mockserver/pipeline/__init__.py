"""The request path: one file per stage, the exchange that travels through them, and the journal."""
