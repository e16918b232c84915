"""The laws in force, in the steps in which they are held, and the two ways to hold a document to them."""

from __future__ import annotations

from collections.abc import Container

from mockserver.contract.document import ContractError, Document
from mockserver.contract.lint import (
    example_laws,
    form_laws,
    hint_laws,
    link_laws,
    operation_laws,
    order_laws,
    parameter_laws,
    path_laws,
    provenance_laws,
    reading,
    reference_laws,
    response_laws,
    schema_laws,
    security_laws,
    standard,
)
from mockserver.contract.lint.problem import Finding, Law, finding, name_of
from mockserver.contract.lint.survey import Survey

# Each step leans on the ones before: the findings of the first broken step hide the steps that follow.
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
    reference_laws.references_stand_alone,
    operation_laws.operations_have_an_id,
    operation_laws.operation_ids_differ,
    path_laws.paths_are_written_out,
    path_laws.path_keys_fill_segments,
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
    schema_laws.nullable_references_use_any_of,
    schema_laws.enum_values_fit,
    schema_laws.defaults_fit,
    security_laws.security_schemes_exist,
    security_laws.security_schemes_are_complete,
    response_laws.operations_have_a_response,
)

# What we hold our own document to, so that it stays easy to read and to trust.
HOUSE: tuple[Law, ...] = (
    reading.no_anchors,
    reading.no_template_marks,
    reading.lines_are_short,
    reading.blocks_are_one_blank_line_apart,
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
    security_laws.security_is_stated,
    provenance_laws.extensions_are_listed,
    provenance_laws.provenance_is_given,
    provenance_laws.provenance_is_well_formed,
    provenance_laws.provenance_names_exist,
    hint_laws.hints_are_well_formed,
    hint_laws.hints_name_a_word_or_method,
    reference_laws.components_are_used,
    schema_laws.required_members_exist,
    schema_laws.all_of_is_one_level_deep,
    schema_laws.requests_have_no_read_only,
    schema_laws.answers_have_no_write_only,
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

# Asked last: what our laws have found, it would only say once more, with less help.
LAST: tuple[Law, ...] = (standard.openapi_is_valid,)


def describe_laws() -> dict[str, str]:
    """The name of every law with the sentence that it holds a document to, in the order of their steps."""
    every = (*(law for step in FORM for law in step), *SERVABLE, *HOUSE, *LAST)
    return {name_of(law): str(law.__doc__) for law in every}


def lint(document: Document, words: Container[str] = ()) -> list[Finding]:
    """All broken laws by line. `words` are those that `x-faker` may name, such as `type.slug`."""
    return _held_to((*FORM, (*SERVABLE, *HOUSE), LAST), Survey(document, words))


def check_servable(document: Document) -> None:
    """`ContractError` for the first broken law without which the document cannot be served."""
    findings = _held_to((*FORM, SERVABLE), Survey(document))
    if findings:
        first, more = findings[0], len(findings) - 1
        mend = f"{first.mend} (and {more} more, see `mockserver lint`)" if more else first.mend
        raise ContractError(document.path, first.line, first.problem, mend)


def _held_to(steps: tuple[tuple[Law, ...], ...], survey: Survey) -> list[Finding]:
    for step in steps:
        if findings := {finding(survey.document, law, breach) for law in step for breach in law(survey)}:
            return sorted(findings)
    return []
