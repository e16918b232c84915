"""Builders of minimal contracts, and an independent validator.

The generators check themselves with jsonschema-rs; the tests therefore use another validator.
"""

from __future__ import annotations

import re
from copy import copy
from pathlib import Path
from typing import Any, TypeAlias

from openapi_schema_validator import OAS30ReadValidator, oas30_format_checker

from mockserver.contract.document import Document, Schema
from mockserver.payloads import Generator, Payloads, Vocabulary

Components: TypeAlias = dict[str, Schema]

SEEDS = range(60)
# This checker refuses the offset that RFC 3339 requires in a time.
FORMATS = copy(oas30_format_checker)
FORMATS.checkers = {name: check for name, check in oas30_format_checker.checkers.items() if name != "time"}

WORDS: Vocabulary = {
    "type": [
        {"name": "Contratos", "slug": "contratos", "description": "Contratos com clientes", "icon": "file-text"},
        {"name": "Clientes", "slug": "clientes", "description": "Empresas que compram de nós", "icon": "users"},
        {"name": "Compras", "slug": "compras", "description": "Pedidos de compra e cotações", "icon": "tag"},
    ],
    "workspace": [{"name": "Financeiro", "slug": "financeiro"}, {"name": "Jurídico", "slug": "juridico"}],
    "item": [{"data": {"numero": "CT-1", "partes": ["A", "B"]}}, {"data": {"numero": "CT-2", "partes": []}}],
}


def document_with(**components: Schema) -> Document:
    return Document(Path("small.yaml"), "", {"openapi": "3.0.3", "paths": {}, "components": {"schemas": components}})


def generator_for(
    schema: Schema, components: Components | None = None, *, vocabulary: Vocabulary = WORDS, locale: str = "pt_BR"
) -> Generator:
    document = document_with(Subject=schema, **(components or {}))
    return Payloads(document, vocabulary, locale).generator(schema)


def values_of(schema: Schema, components: Components | None = None, *, vocabulary: Vocabulary = WORDS) -> list[Any]:
    """Generates one value for each seed of `SEEDS`."""
    return list(map(generator_for(schema, components, vocabulary=vocabulary), SEEDS))


def record(**properties: Schema) -> Schema:
    """Builds the schema of an object with these members, all required."""
    return {"type": "object", "required": list(properties), "properties": properties}


class IndependentValidator:
    """Finds faults of a value with the OpenAPI 3.0 validator written in Python."""

    def __init__(self, schema: Schema, components: Components | None = None) -> None:
        whole = {**schema, "components": {"schemas": components or {}}}
        self._validator = OAS30ReadValidator(whole, format_checker=FORMATS)

    def faults(self, value: Any) -> list[str]:
        return [f"{list(error.absolute_path)}: {error.message}" for error in self._validator.iter_errors(value)]


def faults_in(schema: Schema, values: list[Any], components: Components | None = None) -> list[str]:
    validator = IndependentValidator(schema, components)
    return [fault for value in values for fault in validator.faults(value)]


INSTANT = re.compile(r"20(25|26)-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
