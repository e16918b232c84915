"""Laws on security: which schemes there are, and that they are named."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.contract.lint.problem import Breach, instead, listed
from mockserver.contract.lint.survey import Survey

_NEEDED = {"apiKey": ("name", "in"), "http": ("scheme",), "oauth2": ("flows",), "openIdConnect": ("openIdConnectUrl",)}


def security_schemes_exist(survey: Survey) -> Iterator[Breach]:
    """Every name in `security` is a scheme of `components.securitySchemes`."""
    schemes = survey.document.raw.get("components", {}).get("securitySchemes", {})
    for pointer, _, requirement in survey.all("requirement"):
        for name in requirement:
            if name not in schemes:
                yield Breach((*pointer, name), f"there is no security scheme `{name}`", instead(name, schemes))


def security_schemes_are_complete(survey: Survey) -> Iterator[Breach]:
    """A security scheme has what its type needs, such as `name` and `in` for apiKey."""
    for pointer, _, scheme in survey.all("securityScheme"):
        missing = [key for key in _NEEDED[scheme["type"]] if key not in scheme]
        if missing:
            problem = f"`{pointer[-1]}` is of type {scheme['type']} without {listed(missing)}"
            yield Breach(pointer, problem, f"add {listed(missing)}")


def security_is_stated(survey: Survey) -> Iterator[Breach]:
    """Every operation states its security, `security: []` if it is open to everyone."""
    for operation in survey.operations:
        if "security" not in operation.value:
            problem = f"`{operation.id}` does not state its security"
            yield Breach(operation.pointer, problem, "add security:, or security: [] for an open operation")
