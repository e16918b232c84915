"""A second target that shares nothing with the fake: a small server of the standard library, written from the contract.

`records` holds what others keep there, `rules` what it accepts, `operations` how it answers, `server` the socket, and
`misbehaviour` what can go wrong on the way. It knows types, fields and members, and nothing else of the contract.
"""
