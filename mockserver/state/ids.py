"""Pseudo-random texts that follow from a seed: references and keys."""

from __future__ import annotations

from hashlib import blake2b

ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def derived_text(seed: int, purpose: str, number: int, length: int) -> str:
    """Returns `length` letters and digits, the same ones for the same seed, purpose and number."""
    digest = blake2b(f"{seed}:{purpose}:{number}".encode(), digest_size=64).digest()
    value = int.from_bytes(digest, "big")
    letters = []
    for _ in range(length):
        value, at = divmod(value, len(ALPHANUMERIC))
        letters.append(ALPHANUMERIC[at])
    return "".join(letters)
