"""Promises of single records that reading can show."""

from __future__ import annotations

import re
from typing import Any

from mockserver.contract.operations import Operation, Parameter
from mockserver.verify.probe import Keys, Probe
from mockserver.verify.resources import Contract, key_of

NOT_THERE = (2_000_000_011, "no-such-record-here", "Zz00Zz00Zz00Zz00")


def listed_record_can_be_read(probe: Probe) -> None:
    """A record of a list is found under its key, as the same record."""
    for resource in probe.resources:
        if resource.get is None or not probe.is_wanted(resource.get):
            continue
        for keys in probe.places(resource):
            for record in probe.known(resource, keys)[:2]:
                key = key_of(resource.key, record)
                answer = probe.call(resource.get, keys | {resource.key: key})
                told = answer.record.get("id", record.get("id"))
                if answer.status == 404 or (answer.ok and told != record.get("id")):
                    probe.tell(
                        resource.get,
                        "listed_record_can_be_read",
                        answer,
                        received=f"{answer.status}" if not answer.ok else f"the record {told!r}",
                        documented=f"the record {record.get('id')!r}, which the list holds",
                    )


def missing_record_is_404(probe: Probe) -> None:
    """A record that is not there is a 404."""
    for resource in probe.resources:
        if resource.get is None or not probe.is_wanted(resource.get):
            continue
        for keys in probe.places(resource, most=1):
            missing = _not_there(resource.get, resource.key)
            answer = probe.call(resource.get, keys | {resource.key: missing})
            if answer.ok:
                probe.tell(
                    resource.get,
                    "missing_record_is_404",
                    answer,
                    received=f"{answer.status} for {resource.key} {missing!r}",
                    documented="404, no such record",
                )


def single_answers_keep_the_contract(probe: Probe) -> None:
    """Every other GET is asked once; the contract's checks judge the answer."""
    listing = {resource.listing.id for resource in probe.contract.resources}
    for operation in probe.operations:
        if operation.method == "GET" and operation.id not in listing and "{" not in operation.path:
            probe.call(operation)


def first_keys(probe: Probe, operation: Operation) -> Keys | None:
    """Path keys under which the operation reaches a record that is there; None if none is known."""
    names = re.findall(r"\{([^}]+)\}", operation.path)
    if not names:
        return {}
    for resource in _owners(probe.contract, names[-1], operation.path):
        for keys in probe.places(resource, most=1):
            for record in probe.known(resource, keys)[:1]:
                return keys | {names[-1]: key_of(names[-1], record)}
    return None


def absent_keys(operation: Operation) -> Keys:
    """Path keys of the right form that name nothing."""
    return {parameter.name: _not_there(operation, parameter.name) for parameter in operation.parameters_in("path")}


def absent_query(operation: Operation) -> dict[str, Any]:
    """What the query has to hold, of the right form."""
    return {p.name: str(NOT_THERE[0]) for p in operation.parameters_in("query") if p.required}


def _owners(contract: Contract, key: str, path: str) -> list[Any]:
    """The resources whose records this key names in this path."""
    head = path.split("{" + key + "}")[0].rstrip("/")
    return [resource for resource in contract.resources if resource.collection == head]


def _not_there(operation: Operation, name: str) -> Any:
    parameter = next(p for p in operation.parameters_in("path") if p.name == name)
    return next((value for value in NOT_THERE if _fits(parameter, value)), NOT_THERE[0])


def _fits(parameter: Parameter, value: Any) -> bool:
    if parameter.schema.get("type") == "integer":
        return isinstance(value, int)
    return isinstance(value, str) and re.search(parameter.schema.get("pattern", ""), value) is not None
