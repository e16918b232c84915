"""Promises of creations: each value that the schema allows is accepted and kept.

A refusal is a fault only beside the same request with another value that is accepted.
"""

from __future__ import annotations

from mockserver.verify.checks.isolation import for_each_resource
from mockserver.verify.checks.writes.difficult_values import TextMaker, Value, example_of, valid_values
from mockserver.verify.checks.writes.record_life import RecordLife, check_neighbours
from mockserver.verify.checks.writes.samples import Body, next_number, sample_body
from mockserver.verify.checks.writes.write import Write
from mockserver.verify.checks.writes.write_comparison import check_row, compare
from mockserver.verify.probe import MOST, REFUSALS, Probe
from mockserver.verify.received import Keys, Received
from mockserver.verify.resources import Resource
from mockserver.verify.safety.ledger import NAMES


@for_each_resource
def creations_keep_each_value(probe: Probe, resource: Resource) -> None:
    """A creation accepts and keeps each value that its schema allows, and needs no member that its schema does not.

    Values of several members go in one request.
    """
    create = resource.create
    if create is None or not probe.is_selected(create) or (sample := sample_body(probe, create)) is None:
        return
    keys, base = sample
    write = Write(probe, resource, create, base)
    values = {name: write.values(name) for name in write.members}
    if not _create(write, keys, base, {}, is_listed=True):
        return
    _check_alternatives(write, keys)
    for name in write.optional:
        _check_left_out(write, keys, base, name)
    for number in range(max(map(len, values.values()), default=0)):
        # Members of one form have different values, so that an exchange of them shows.
        tried = [(at, name, some) for at, (name, some) in enumerate(values.items()) if number < len(some)]
        chosen = {name: some[(number + at) % len(some)] for at, name, some in tried}
        needed = {name: write.needs(name, value.value) for name, value in chosen.items()}
        body = {name: value.value for name, value in chosen.items() if needed[name] == {}}
        is_accepted = _create(write, keys, base, body, is_listed=number == 0)
        for name, value in chosen.items():
            companions = needed[name]
            if companions or (companions == {} and not is_accepted):
                _check_alone(write, keys, base, name, value, companions)


def _check_alternatives(write: Write, keys: Keys) -> None:
    """Creates records from the examples of each alternative of the body, and from other values of its members."""
    schema = write.operation.body.schema if write.operation.body else {}
    document = write.probe.contract.document
    for part in document.resolve(schema).get("oneOf", ()):
        body = example_of(document, part)
        response = write.probe.call(write.operation, keys, body=body)
        if response.record:
            compare(write, keys, response, body, "created_as_sent")
        texts = f"the examples of {part.get('$ref', 'a part').rpartition('/')[2]}", "a success: the schema allows it"
        write.probe.expect_success(write.operation, "valid_value_is_accepted", response, *texts)
        text = TextMaker(write.probe.mark, next_number(), is_free=True, names_others=write.probe.is_alone)
        for sent in (value.value for value in valid_values(document, part, text)):
            response = write.probe.call(write.operation, keys, body=sent)
            if response.record:
                compare(write, keys, response, sent, "created_as_sent")


def _create(write: Write, keys: Keys, base: Body, body: Body, *, is_listed: bool = False) -> bool:
    """Creates a record, compares it, with its row in the list too, and deletes it; false if the creation is refused."""
    sent = write.fresh(base) | body
    before = write.probe.call(write.resource.listing, keys, {"_limit": MOST}) if is_listed else Received(0)
    response = write.probe.call(write.operation, keys, body=sent)
    if not response.record:
        return response.status not in REFUSALS
    life = RecordLife(write.probe, write.resource, keys, base, response, response.record, response)
    whole = check_neighbours(life, write.operation, response, before) if is_listed else Received(0)
    read = compare(write, keys, response, sent, "created_as_sent")
    if is_listed and read.status != 404:
        check_row(write.probe, write.resource, response, read if read.record else response, whole)
    write.delete(keys, response.record)
    return True


def _check_left_out(write: Write, keys: Keys, base: Body, name: str) -> None:
    sent = {member: value for member, value in write.fresh(base).items() if member != name}
    # Without any name, nothing would show whose record it is if its answer is lost.
    if name in NAMES and not any(other in sent for other in NAMES):
        return
    response = write.probe.call(write.operation, keys, body=sent)
    if response.record:
        write.delete(keys, response.record)
    elif response.status in REFUSALS:
        write.report_refusal(response, name, None)


def _check_alone(write: Write, keys: Keys, base: Body, name: str, value: Value, needed: Body) -> None:
    sent = write.fresh(base) | needed | {name: value.value}
    response = write.probe.call(write.operation, keys, body=sent)
    if response.record:
        compare(write, keys, response, sent, "created_as_sent")
        write.delete(keys, response.record)
    elif response.status in REFUSALS and value.is_promised and _create(write, keys, base, needed):
        write.report_refusal(response, name, value)
