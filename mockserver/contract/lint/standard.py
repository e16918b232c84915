"""The law that others wrote: the OpenAPI specification, as its own validator reads it."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.contract.lint.problem import Breach
from mockserver.contract.lint.survey import Survey

_LENGTH = 160
_SPECIFICATION = "https://spec.openapis.org/oas/v3.0.3"


def openapi_is_valid(survey: Survey) -> Iterator[Breach]:
    """The document is valid OpenAPI 3.0, as openapi-spec-validator reads it."""
    # Imported late: it costs a third of a second, and a server that starts does without.
    from openapi_spec_validator import OpenAPIV30SpecValidator

    for error in OpenAPIV30SpecValidator(survey.document.raw).iter_errors():
        # A message quotes the value, however long, and below its first line the schema too.
        first = error.message.splitlines()[0]
        problem = first if len(first) <= _LENGTH else f"{first[: _LENGTH // 2]} … {first[-_LENGTH // 2 :]}"
        yield Breach(tuple(error.absolute_path), problem, f"see {_SPECIFICATION}")
