"""Detection and masking of secrets, which must never appear in the journal, a log, a message or a response.

A value is a secret if the contract says `writeOnly`, if its name says so, or if it has the form of an Enspace key, a
signed token, credentials of a header, an assignment such as `token=…`, or a user and a password in a URL. Headers are
shown only if they are known to be harmless, since a client may send its credentials in a header of any name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, unquote_plus

MASK = "***"

_FORM = re.compile(
    r"en(?:\.|%2[eE])[A-Za-z0-9]{34}"
    r"|eyJ[\w-]+\.[\w-]+\.[\w-]*"
    r"|(?i:(?<=bearer )|(?<=basic ))[\w.~+/-]{8,}=*"
    r"|(?i:(?<=token=)|(?<=secret=)|(?<=password=)|(?<=senha=)|(?<=_key=)|(?<=apikey=)|(?<=pwd=))[^\s&;,\"']+"
    r"|(?<=://)[^\s/:@\"']*:[^\s/@\"']+(?=@)",
    re.ASCII,
)
_FORM_OF_BYTES = re.compile(_FORM.pattern.encode(), re.ASCII)
# Every secret of these forms contains one of these marks in small letters, which are faster to search for.
_MARKS = ("en.", "en%", "eyj", "earer ", "asic ", "://", "token=", "secret=", "password=", "senha=", "key=", "pwd=")
# Enspace's customers write Portuguese: `senha` is a password, `chave` a key.
_NAME = re.compile(
    r"(api|access|private|crypt|integration)[_-]?key|token|secret|passw|passphrase|senha|authorization|cookie"
    r"|credential|credencia",
    re.I,
)
# These are secret as a whole word of a name only: `pinned`, `author` and `design` are not.
_WORDS = {"auth", "chave", "chaves", "jwt", "otp", "pass", "pin", "pwd", "sig", "signature"}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

_HARMLESS_HEADERS = frozenset(
    """
    accept accept-charset accept-encoding accept-language access-control-request-headers access-control-request-method
    access-control-request-private-network cache-control connection content-encoding content-language content-length
    content-type date dnt en-workspace expect from host if-match if-modified-since if-none-match if-range
    if-unmodified-since keep-alive origin pragma prefer priority range referer sec-ch-ua sec-ch-ua-mobile
    sec-ch-ua-platform sec-fetch-dest sec-fetch-mode sec-fetch-site sec-fetch-user te traceparent tracestate trailer
    transfer-encoding upgrade upgrade-insecure-requests user-agent via x-correlation-id x-forwarded-for
    x-forwarded-host x-forwarded-proto x-request-id x-requested-with
    """.split()  # noqa: SIM905 (as a list it would be a page long)
)


@dataclass(frozen=True)
class SecretMembers:
    """The secret members of a JSON value, besides those whose names say so.

    `names` are secret on every level. `shown_in` holds, by the name of an object, its only members that are shown.
    """

    names: frozenset[str] = frozenset()
    shown_in: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def __or__(self, other: SecretMembers) -> SecretMembers:
        """Returns what either of the two hides."""
        shown_in = {**self.shown_in, **other.shown_in}
        both = self.shown_in.keys() & other.shown_in.keys()
        return SecretMembers(
            self.names | other.names, shown_in | {name: self.shown_in[name] & other.shown_in[name] for name in both}
        )

    def hides(self, path: Sequence[str | int]) -> bool:
        """Whether one of the members on the path to a value is secret."""
        shown = None
        for name in (name for name in path if isinstance(name, str)):
            if self._hides_member(name, shown):
                return True
            shown = self.shown_in.get(name)
        return False

    def mask(self, value: Any) -> Any:
        """Copies a JSON value with secrets, and members with secret names, masked."""
        return self._mask(value, None)

    def _mask(self, value: Any, shown: frozenset[str] | None) -> Any:
        """Masks a value. `shown` are its only members to show, None for all."""
        if isinstance(value, dict):
            return {
                mask_text(name): MASK if self._hides_member(name, shown) else self._mask(part, self.shown_in.get(name))
                for name, part in value.items()
            }
        if isinstance(value, list):
            return [self._mask(part, shown) for part in value]
        return mask_text(value) if isinstance(value, str) else value

    def _hides_member(self, name: str, shown: frozenset[str] | None) -> bool:
        return name in self.names or is_secret_name(name) or (shown is not None and name not in shown)


NO_SECRETS = SecretMembers()
# For a request in parts, whose headers are an object with this name.
SECRET_HEADERS = SecretMembers(shown_in={"headers": _HARMLESS_HEADERS})


def is_secret_name(name: str) -> bool:
    """Whether it is a name such as `api_key`, `access_token`, `cryptKey` or `pwd`."""
    return _NAME.search(name) is not None or not _WORDS.isdisjoint(map(str.lower, _WORD.findall(name)))


def mask_text(text: str) -> str:
    """Masks everything in the text that has the form of a secret."""
    # For a text of 1 MB the regular expression alone would take 90 ms, while all other clients wait.
    small = text.lower()
    return _FORM.sub(MASK, text) if any(map(small.__contains__, _MARKS)) else text


def mask_path(path: str) -> str:
    """Masks secrets in a path. One that is percent-encoded is masked in the decoded path."""
    shown = mask_text(path)
    if "%" not in shown:
        return shown
    decoded = unquote(shown)
    masked = mask_text(decoded)
    return shown if masked == decoded else masked


def excerpt(text: str, longest: int) -> str:
    """Masks a text and cuts it for a message; in this order, because half a key is not recognized."""
    return mask_path(text)[:longest]


def cut(raw: bytes, longest: int) -> bytes:
    """Cuts a path or a query; a longer one is masked before, because half a key is not recognized."""
    return raw if len(raw) <= longest else _FORM_OF_BYTES.sub(MASK.encode(), raw)[:longest]


def mask_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Copies headers; the values of all that are not known to be harmless are masked."""
    masked: dict[str, str] = SECRET_HEADERS.mask({"headers": headers})["headers"]
    return masked


def mask_query(query: str) -> str:
    """Masks the values of secret names in a query string."""
    return "&".join(map(_mask_pair, query.split("&")))


def _mask_pair(pair: str) -> str:
    name, equals, text = pair.partition("=")
    is_secret = equals and is_secret_name(unquote_plus(name))
    return f"{mask_path(name)}{equals}{MASK if is_secret else mask_path(text)}"
