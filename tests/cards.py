"""A small contract of somebody else: its requests are forms, it has no state and no keys."""

CARDS = """
openapi: 3.0.3
info: {title: Cards, version: "1"}
paths:
  /cards:
    get: {operationId: listCards, responses: {'204': {description: None yet.}}}
    post:
      operationId: createCard
      requestBody:
        content: {application/x-www-form-urlencoded: {schema: {type: object, properties: {amount: {type: integer}}}}}
      responses: {'204': {description: Created.}}
"""
