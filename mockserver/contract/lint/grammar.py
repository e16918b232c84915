"""Grammar of OpenAPI 3.0.3 as a table: the keys of each object, and the form of their values.

https://spec.openapis.org/oas/v3.0.3
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mockserver.contract.document import Pointer

TYPES = ("string", "integer", "number", "boolean", "array", "object")
COMBINATIONS = ("allOf", "anyOf", "oneOf")

# These objects may be replaced by `{$ref: …}`.
REFERABLE = frozenset(
    {"schema", "response", "parameter", "example", "requestBody", "header", "securityScheme", "link", "callback"}
)

_STYLES = "matrix|label|form|simple|spaceDelimited|pipeDelimited|deepObject"
_HEADER = f"""description:text required:flag deprecated:flag allowEmptyValue:flag style:{_STYLES} explode:flag
    allowReserved:flag schema:schema content:{{mediaType}} example:any examples:{{example}}"""

# A row is `key:form` for each key of the object; a key that ends in `!` is required, the key `*` stands for any.
# A form is
#     text flag number positive count any     a scalar (`positive` is above 0, `count` a whole number from 0)
#     a|b                                     one of these words
#     schema                                  an object of this table
#     [x]  [x]+  {x}                          a list of x, one with at least one and none twice, x under free names
#     flag/schema                             either
# The last keys of a schema are keywords of JSON Schema that OpenAPI 3.0 lacks: the lenient reading names them so.
_ROWS = {
    "document": """openapi!:text info!:info servers:[server] tags:[tag] security:[requirement] paths!:paths
        components:components externalDocs:docs""",
    "info": "title!:text description:text termsOfService:text contact:contact license:license version!:text",
    "contact": "name:text url:text email:text",
    "license": "name!:text url:text",
    "server": "url!:text description:text variables:{serverVariable}",
    "serverVariable": "enum:[text]+ default!:text description:text",
    "tag": "name!:text description:text externalDocs:docs",
    "docs": "description:text url!:text",
    "paths": "*:pathItem",
    "pathItem": """$ref:text summary:text description:text servers:[server] parameters:[parameter] get:operation
        put:operation post:operation delete:operation options:operation head:operation patch:operation
        trace:operation""",
    "operation": """operationId:text tags:[text] summary:text description:text externalDocs:docs
        parameters:[parameter] requestBody:requestBody responses!:responses callbacks:{callback} deprecated:flag
        security:[requirement] servers:[server]""",
    "parameter": f"name!:text in!:path|query|header|cookie {_HEADER}",
    "header": _HEADER,
    "requestBody": "description:text content!:{mediaType} required:flag",
    "mediaType": "schema:schema example:any examples:{example} encoding:{encoding}",
    "encoding": f"contentType:text headers:{{header}} style:{_STYLES} explode:flag allowReserved:flag",
    "responses": "*:response",
    "response": "description!:text headers:{header} content:{mediaType} links:{link}",
    "link": "operationRef:text operationId:text parameters:{any} requestBody:any description:text server:server",
    "callback": "*:pathItem",
    "example": "summary:text description:text value:any externalValue:text",
    "components": """schemas:{schema} responses:{response} parameters:{parameter} examples:{example}
        requestBodies:{requestBody} headers:{header} securitySchemes:{securityScheme} links:{link}
        callbacks:{callback}""",
    "schema": f"""title:text description:text type:{"|".join(TYPES)} format:text nullable:flag enum:[any]+
        default:any example:any deprecated:flag minLength:count maxLength:count pattern:text minimum:number
        maximum:number exclusiveMinimum:flag exclusiveMaximum:flag multipleOf:positive items:schema minItems:count
        maxItems:count uniqueItems:flag properties:{{schema}} additionalProperties:flag/schema required:[text]+
        minProperties:count maxProperties:count allOf:[schema]+ anyOf:[schema]+ oneOf:[schema]+ not:schema
        readOnly:flag writeOnly:flag discriminator:discriminator xml:xml externalDocs:docs
        x-prefixItems:[schema] x-contains:schema x-minContains:count x-maxContains:count
        x-patternProperties:{{schema}} x-propertyNames:schema x-if:schema x-then:schema x-else:schema
        x-dependentSchemas:{{schema}} x-unevaluatedItems:flag/schema x-unevaluatedProperties:flag/schema""",
    "discriminator": "propertyName!:text mapping:{text}",
    "xml": "name:text namespace:text prefix:text attribute:flag wrapped:flag",
    "securityScheme": """type!:apiKey|http|oauth2|openIdConnect description:text name:text in:query|header|cookie
        scheme:text bearerFormat:text flows:oauthFlows openIdConnectUrl:text""",
    "oauthFlows": "implicit:oauthFlow password:oauthFlow clientCredentials:oauthFlow authorizationCode:oauthFlow",
    "oauthFlow": "authorizationUrl:text tokenUrl:text refreshUrl:text scopes!:{text}",
    "requirement": "*:[text]",
}


@dataclass(frozen=True)
class Form:
    """Form of the value of a key: one value of `kind`, or a list or a map of such values."""

    kind: str
    container: str = ""
    filled: bool = False

    @property
    def is_object(self) -> bool:
        """Whether the values are objects of this grammar."""
        return self.kind in _ROWS or self.kind == "flag/schema"

    def elements(self, value: Any) -> Iterator[tuple[Pointer, Any]]:
        """Yields the values of `kind` with the path to each; none if the value is no list or map as it should be."""
        if not self.container:
            yield (), value
        elif self.container == "list" and isinstance(value, list):
            yield from (((index,), part) for index, part in enumerate(value))
        elif self.container == "map" and isinstance(value, dict):
            yield from (((key,), part) for key, part in value.items())


def _form(text: str) -> Form:
    container = {"[": "list", "{": "map"}.get(text[0], "")
    return Form(text.strip("[]{}+"), container, filled=text.endswith("+"))


def _columns(row: str) -> Iterator[tuple[str, Form]]:
    for column in row.split():
        key, form = column.split(":")
        yield key.rstrip("!"), _form(form)


FORMS: dict[str, dict[str, Form]] = {kind: dict(_columns(row)) for kind, row in _ROWS.items()}
REQUIRED: dict[str, list[str]] = {
    kind: [column.split("!")[0] for column in row.split() if "!:" in column] for kind, row in _ROWS.items()
}
# What the contract descends into.
OBJECT_FORMS = {kind: {key: form for key, form in forms.items() if form.is_object} for kind, forms in FORMS.items()}


def form_of(kind: str, key: str) -> Form | None:
    """Returns the form of the value of a key; None for a key that the specification does not know."""
    forms = FORMS[kind]
    return forms.get(key) or (None if key.startswith("x-") else forms.get("*"))
