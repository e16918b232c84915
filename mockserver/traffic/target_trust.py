"""Trust in the certificate of a real Enspace, which may come from the authority of a company."""

from __future__ import annotations

import ssl
from pathlib import Path

from mockserver.errors import StartError


def read_authority(file: str) -> Path | None:
    """Returns the file of `--ca`, None without one. Raises `StartError` for a file without certificates."""
    if not file:
        return None
    try:
        ssl.create_default_context(cafile=file)
    except OSError as error:  # of the file, or of the certificates in it
        reason = error.strerror if not isinstance(error, ssl.SSLError) else "it holds no certificate"
        raise StartError(f"--ca: received {file} ({reason}), documented: a file of certificates in PEM form") from error
    return Path(file)


def find_distrust(error: BaseException) -> str:
    """Returns why a certificate was not trusted; empty if that did not cause the error."""
    inner: BaseException | None = error
    # Each client wraps the error of the standard library in its own.
    while inner is not None and not isinstance(inner, ssl.SSLCertVerificationError):
        inner = inner.__cause__ or inner.__context__
    return "" if inner is None else inner.verify_message


def describe_silence(error: BaseException) -> str:
    """Returns why a target did not answer, in a few words."""
    distrust = find_distrust(error)
    return f"TLS certificate not trusted: {distrust}. Fix: --ca" if distrust else type(error).__name__
