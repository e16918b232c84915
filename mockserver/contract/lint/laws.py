"""List of all laws, and the two ways to check a document against them."""

from __future__ import annotations

from collections.abc import Container

from mockserver.contract.document import ContractError, Document
from mockserver.contract.lint import (
    example_laws,
    extension_laws,
    form_laws,
    link_laws,
    operation_laws,
    order_laws,
    parameter_laws,
    path_laws,
    promise_laws,
    reference_laws,
    response_laws,
    schema_laws,
    text_laws,
)
from mockserver.contract.lint.contract_index import ContractIndex
from mockserver.contract.lint.lint_problem import Law, LintProblem, locate, name_of

# Each step relies on the ones before it: the problems of the first broken step hide the steps that follow.
FORM: tuple[tuple[Law, ...], ...] = (
    (form_laws.json_data,),
    (
        form_laws.known_keys,
        form_laws.required_keys,
        form_laws.value_types,
        form_laws.paths_start_with_a_slash,
        form_laws.status_keys,
    ),
    (
        reference_laws.references_resolve,
        reference_laws.references_end,
        schema_laws.patterns_compile,
        schema_laws.bounds_have_a_limit,
    ),
)

# What must hold before any document is served.
SERVABLE: tuple[Law, ...] = (
    reference_laws.references_name_components,
    reference_laws.references_stand_alone,
    operation_laws.operations_have_an_id,
    operation_laws.operation_ids_differ,
    path_laws.paths_are_written_out,
    path_laws.path_keys_are_separate,
    path_laws.path_keys_are_declared,
    path_laws.path_parameters_are_in_the_path,
    path_laws.path_parameters_are_required,
    path_laws.paths_differ,
    path_laws.parameters_stand_once,
    parameter_laws.parameters_have_a_schema,
    parameter_laws.parameter_styles_are_read,
    parameter_laws.parameter_types_are_read,
    schema_laws.arrays_have_items,
    schema_laws.formats_are_known,
    schema_laws.nullable_stands_beside_type,
    schema_laws.nullable_enums_list_null,
    schema_laws.enum_values_fit,
    schema_laws.defaults_fit,
    operation_laws.security_schemes_exist,
    operation_laws.security_schemes_are_complete,
    response_laws.operations_have_a_response,
)

# What our own document has to fulfil, so that it stays easy to read and to trust.
HOUSE: tuple[Law, ...] = (
    text_laws.no_anchors,
    text_laws.no_template_marks,
    text_laws.lines_are_short,
    text_laws.blocks_are_one_blank_line_apart,
    order_laws.top_level_keys_are_in_order,
    order_laws.operation_keys_are_in_order,
    order_laws.methods_are_in_order,
    order_laws.banners_are_the_tags,
    order_laws.operations_stand_under_their_banner,
    path_laws.literal_paths_come_first,
    operation_laws.operation_ids_are_verb_and_noun,
    operation_laws.operations_have_one_tag,
    operation_laws.tags_are_described,
    operation_laws.summaries_are_titles,
    operation_laws.security_is_stated,
    extension_laws.extensions_are_listed,
    extension_laws.provenance_is_given,
    extension_laws.provenance_is_well_formed,
    extension_laws.provenance_names_exist,
    extension_laws.hints_are_well_formed,
    extension_laws.hints_name_a_word_or_method,
    promise_laws.promises_are_well_formed,
    promise_laws.promises_name_what_exists,
    reference_laws.components_are_used,
    schema_laws.nullable_references_use_any_of,
    schema_laws.required_members_exist,
    schema_laws.all_of_is_one_level_deep,
    schema_laws.required_stands_beside_all_of,
    schema_laws.requests_have_no_read_only,
    schema_laws.responses_have_no_write_only,
    schema_laws.read_only_is_not_required,
    example_laws.scalars_have_an_example,
    example_laws.examples_are_valid,
    example_laws.secrets_are_placeholders,
    response_laws.bodies_have_one_media_type,
    response_laws.errors_are_documented,
    response_laws.errors_are_shared,
    response_laws.successes_are_shared,
    link_laws.links_lead_to_operations,
    link_laws.links_give_the_parameters,
    link_laws.link_values_exist,
)

# Checked last: it would only repeat, with less help, what our own laws have found.
LAST: tuple[Law, ...] = (form_laws.openapi_is_valid,)


def describe_laws() -> dict[str, str]:
    """Returns the sentence of every law under its name, in the order of the steps."""
    every = (*(law for step in FORM for law in step), *SERVABLE, *HOUSE, *LAST)
    return {name_of(law): str(law.__doc__) for law in every}


def lint(document: Document, words: Container[str] = ()) -> list[LintProblem]:
    """Returns all broken laws by line. `words` are those that `x-faker` may name, such as `type.slug`."""
    return _check((*FORM, (*SERVABLE, *HOUSE), LAST), ContractIndex(document, words))


def find_obstacles(document: Document) -> list[LintProblem]:
    """Returns by line what prevents a document from being served."""
    return _check((*FORM, SERVABLE), ContractIndex(document))


def is_servable(document: Document) -> bool:
    """Returns whether the document keeps all laws without which it cannot be served as it is written."""
    contract = ContractIndex(document)
    # Lazily, and without the lines of problems: a document of somebody else may be large.
    broken = (problem for step in (*FORM, SERVABLE) for law in step for problem in law(contract))
    return document.version == (3, 0) and next(broken, None) is None


def check_servable(document: Document) -> None:
    """Raises `ContractError` for the first broken law without which the document cannot be served."""
    if problems := find_obstacles(document):
        first, more = problems[0], len(problems) - 1
        fix = f"{first.fix} (and {more} more, see `mockserver lint`)" if more else first.fix
        raise ContractError(document.path, first.line, first.problem, fix)


def _check(steps: tuple[tuple[Law, ...], ...], contract: ContractIndex) -> list[LintProblem]:
    """Returns the problems of the first step that has any."""
    for step in steps:
        problems = {locate(contract.document, law, broken) for law in step for broken in law(contract)}
        if problems:
            return sorted(problems)
    return []
