"""The laws in force, in the steps in which they are held, and the two ways to hold a document to them."""

from __future__ import annotations

from collections.abc import Container

from mockserver.contract.document import ContractError, Document
from mockserver.contract.lint import (
    examples,
    form,
    hints,
    links,
    operations,
    order,
    parameters,
    paths,
    provenance,
    reading,
    references,
    responses,
    schemas,
    security,
    standard,
)
from mockserver.contract.lint.finding import Finding, Law, finding, name_of
from mockserver.contract.lint.survey import Survey

# Each step leans on the ones before: the findings of the first broken step hide the steps that follow.
FORM: tuple[tuple[Law, ...], ...] = (
    (form.json_data,),
    (
        form.known_keys,
        form.required_keys,
        form.value_types,
        form.paths_start_with_a_slash,
        form.status_keys,
    ),
    (
        references.references_resolve,
        references.references_end,
        schemas.patterns_compile,
        schemas.bounds_have_a_limit,
    ),
)

# What must hold before any document is served.
SERVABLE: tuple[Law, ...] = (
    references.references_stand_alone,
    operations.operations_have_an_id,
    operations.operation_ids_differ,
    paths.paths_are_written_out,
    paths.path_keys_fill_segments,
    paths.path_keys_are_declared,
    paths.path_parameters_are_in_the_path,
    paths.path_parameters_are_required,
    paths.paths_differ,
    paths.parameters_stand_once,
    parameters.parameters_have_a_schema,
    parameters.parameter_styles_are_read,
    parameters.parameter_types_are_read,
    schemas.arrays_have_items,
    schemas.formats_are_known,
    schemas.nullable_stands_beside_type,
    schemas.nullable_enums_list_null,
    schemas.nullable_references_use_any_of,
    schemas.enum_values_fit,
    schemas.defaults_fit,
    security.security_schemes_exist,
    security.security_schemes_are_complete,
    responses.operations_have_a_response,
)

# What we hold our own document to, so that it stays easy to read and to trust.
HOUSE: tuple[Law, ...] = (
    reading.no_anchors,
    reading.no_template_marks,
    reading.lines_are_short,
    reading.blocks_are_one_blank_line_apart,
    order.top_level_keys_are_in_order,
    order.operation_keys_are_in_order,
    order.methods_are_in_order,
    order.banners_are_the_tags,
    order.operations_stand_under_their_banner,
    paths.literal_paths_come_first,
    operations.operation_ids_are_verb_and_noun,
    operations.operations_have_one_tag,
    operations.tags_are_described,
    operations.summaries_are_titles,
    security.security_is_stated,
    provenance.extensions_are_listed,
    provenance.provenance_is_given,
    provenance.provenance_is_well_formed,
    provenance.provenance_names_exist,
    hints.hints_are_well_formed,
    hints.hints_name_a_word_or_method,
    references.components_are_used,
    schemas.required_members_exist,
    schemas.all_of_is_one_level_deep,
    schemas.requests_have_no_read_only,
    schemas.answers_have_no_write_only,
    schemas.read_only_is_not_required,
    examples.scalars_have_an_example,
    examples.examples_are_valid,
    examples.secrets_are_placeholders,
    responses.bodies_have_one_media_type,
    responses.errors_are_documented,
    responses.errors_are_shared,
    responses.successes_are_shared,
    links.links_lead_to_operations,
    links.links_give_the_parameters,
    links.link_values_exist,
)

# Asked last: what our laws have found, it would only say once more, with less help.
LAST: tuple[Law, ...] = (standard.openapi_is_valid,)


def laws() -> dict[str, str]:
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
