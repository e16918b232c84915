"""The keys and workspaces that a run is given."""

from __future__ import annotations

from dataclasses import dataclass

WORKSPACE = "en-workspace"  # the header that names it
NO_SUCH_WORKSPACE = "no-such-workspace-here"


@dataclass(frozen=True)
class Credentials:
    """The keys and workspaces of a run: the key that does the work, and others that must be able to do less.

    `limited_key` is one of a member with a role, `viewer_key` one of a member that may only read; both have all scopes.
    """

    key: str
    workspace: str
    weak_key: str = ""
    expired_key: str = ""
    foreign_workspace: str = ""
    limited_key: str = ""
    viewer_key: str = ""

    @property
    def keys(self) -> dict[str, str]:
        """All given keys, each by its name in the environment, in lower case."""
        every = {
            "key": self.key,
            "second_key": self.weak_key,
            "expired_key": self.expired_key,
            "limited_key": self.limited_key,
            "viewer_key": self.viewer_key,
        }
        return {name: key for name, key in every.items() if key}

    @property
    def lesser_headers(self) -> list[dict[str, str]]:
        """The headers with each key that may do less than the own one."""
        return [self.headers(x_api_key=key) for key in (self.weak_key, self.limited_key, self.viewer_key) if key]

    def headers(self, **changed: str) -> dict[str, str]:
        """Returns the headers of a request; an empty value removes a header."""
        headers = {"x-api-key": self.key, WORKSPACE: self.workspace} | {
            name.replace("_", "-"): value for name, value in changed.items()
        }
        return {name: value for name, value in headers.items() if value}
