"""Replacement of personal data by values of the same shape: equal values stay equal, different ones stay different.

The replacements depend on a key that nobody keeps, so that nothing leads back. CPF and CNPJ numbers get valid check
digits; since July 2026 a CNPJ may have letters (Receita Federal, IN RFB 2.229/2024). Days are shifted by a constant.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date, timedelta
from string import ascii_lowercase, ascii_uppercase, digits

MOST_ATTEMPTS = 50  # for a replacement that nothing else has; of one digit there are only ten
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})([Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:?\d{2})?)?", re.ASCII)
_NO_DAY = "0000-00-00"
# Nobody's: truth values as texts, and colours.
_HARMLESS = re.compile(r"true|false|#[0-9A-Fa-f]{3,8}")
_IPV4 = re.compile(r"\d{1,3}(\.\d{1,3}){3}", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_CPF = re.compile(r"(?<!\d)\d{3}\.?\d{3}\.?\d{3}-?\d{2}(?!\d)")
_CNPJ = re.compile(r"(?<![A-Z0-9])[A-Z0-9]{2}\.?[A-Z0-9]{3}\.?[A-Z0-9]{3}/?[A-Z0-9]{4}-?\d{2}(?![A-Z0-9])")
_DOWN = tuple(range(9, 1, -1))
# By length, the weights of the first and of the second check digit.
_WEIGHTS = {11: ((10, *_DOWN), (11, 10, *_DOWN)), 14: ((5, 4, 3, 2, *_DOWN), (6, 5, 4, 3, 2, *_DOWN))}


class Pseudonyms:
    """The replacements of one recording. `key` is random bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._shift = timedelta(days=-(1 + int.from_bytes(hashlib.sha256(key + b"days").digest()[:2]) % 300))
        self._replacements: dict[str, str] = {}
        self._used: set[str] = set()

    def text(self, value: str) -> str:
        """Replaces a text. Opaque identifiers (UUIDs) stay, as they say nothing about a person."""
        if value not in self._replacements:
            self._replacements[value] = self._replace(value)
            self._used.add(self._replacements[value])
        return self._replacements[value]

    def number(self, value: int) -> int:
        """Replaces a CPF or CNPJ that is written as a number; other numbers stay."""
        for length in _WEIGHTS:
            text = str(value).zfill(length)
            # A number has lost its first zeros; with more than two, any id may have the right check digits.
            if _has_check_digits(text) and not text.startswith("000"):
                return int(self.text(text))
        return value

    def _replace(self, value: str) -> str:
        if _UUID.fullmatch(value) or _HARMLESS.fullmatch(value):
            return value
        if day := _DAY.fullmatch(value):
            return self._shifted(day[1]) + (day[2] or "")
        if _IPV4.fullmatch(value):
            # Of the addresses that belong to nobody in public (RFC 1918).
            return "10." + ".".join(str(number) for number in hashlib.sha256(self._key + value.encode()).digest()[:3])
        scheme = _SCHEME.match(value)
        start = scheme.end() if scheme else 0
        for attempt in range(MOST_ATTEMPTS):
            replaced = value[:start] + self._alike(value[start:], attempt)
            replaced = _with_check_digits(value, replaced)
            if replaced not in self._used and replaced != value:
                break
        return replaced

    def _shifted(self, day: str) -> str:
        try:
            return (date.fromisoformat(day) + self._shift).isoformat()
        except (ValueError, OverflowError):  # no day of the calendar, or before its beginning
            return _NO_DAY

    def _alike(self, text: str, attempt: int) -> str:
        """Replaces letters by letters of the same case and digits by digits."""
        seed = self._key + attempt.to_bytes(2) + text.encode("utf-8", "surrogatepass")
        stream = hashlib.shake_256(seed).digest(len(text))
        replaced = "".join(_alike(character, number) for character, number in zip(text, stream, strict=True))
        for escape in _ESCAPE.finditer(text):  # of an address, which must stay one
            replaced = replaced[: escape.start()] + escape[0] + replaced[escape.end() :]
        return replaced


def _alike(character: str, number: int) -> str:
    if character == "0":
        return "0"  # a number with zeros in front stays one, and one without gets none
    if character.isdigit():
        return digits[1 + number % 9]
    if character.isalpha():
        return (ascii_uppercase if character.isupper() else ascii_lowercase)[number % 26]
    return character


def _with_check_digits(original: str, replaced: str) -> str:
    """Corrects the last two digits where the original has a valid CPF or CNPJ."""
    for pattern in (_CPF, _CNPJ):
        for match in pattern.finditer(original):
            if _has_check_digits(_plain(match[0])):
                start, end = match.span()
                plain = _plain(replaced[start:end])[:-2]
                replaced = replaced[: end - 2] + _check_digits(plain) + replaced[end:]
    return replaced


def _plain(number: str) -> str:
    return re.sub(r"[./-]", "", number)


def _has_check_digits(number: str) -> bool:
    return len(number) in _WEIGHTS and len(set(number)) > 1 and _check_digits(number[:-2]) == number[-2:]


def _check_digits(number: str) -> str:
    """The two check digits: sums by weight, modulo 11; a letter counts as its code in ASCII less 48."""
    for weights in _WEIGHTS[len(number) + 2]:
        rest = sum((ord(character) - 48) * weight for character, weight in zip(number, weights, strict=True)) % 11
        number += "0" if rest < 2 else str(11 - rest)
    return number[-2:]
