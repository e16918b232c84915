"""An independent reference server: a small Enspace of the standard library, which shares no code with the fake.

`records` holds the initial data, `rules` what bodies and queries may contain, `views` how records are answered,
`operations` the operations by their operationId, `server` the socket, `deviations` how a real Enspace might differ.

Any key is accepted unless it contains `expired` or `invalid`; one that contains `read-only` may only read. Each key has
a world of its own: a copy of the initial data from its first request on.
"""
