"""Lenient reading: any document that people write, in the strict form of OpenAPI 3.0 that the rest needs.

Each file repairs one kind of deviation in a copy of the document, and notes each place. Nothing is repaired in a
document that is strict already.
"""
