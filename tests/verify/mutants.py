"""The forty mutants: the fake with one promise broken each, as a table in the order of the contract's tags.

`operations` are those whose requests reach the change: a finding has to name one of them. `shown_by` are requests to a
fresh fake whose last answer differs; a mutant that GET alone shows can be found by reading alone.
"""

from __future__ import annotations

from tests.conftest import EXPIRED_KEY, FULL_KEY, OTHER_WORKSPACE_KEY, READ_ONLY_KEY
from tests.verify.breaking import access, answers, lists, writes
from tests.verify.mutant import EXPIRED, FOREIGN, KEYLESS, READ_ONLY, Send, mutant

TRACE = 'psycopg2.errors.SyntaxError at SELECT * FROM "mgroups" WHERE "workspace_id" = 123 LIMIT'

MUTANTS = (
    # -------- Fields ----------------------------------------------------------------
    mutant(
        "no-key-needed",
        "A request without a key is refused.",
        "listFields",
        access.let_in(FULL_KEY, lambda headers: "x-api-key" not in headers),
        Send("GET /ws/types/contratos/fields", headers=KEYLESS),
    ),
    mutant(
        "updated-at-stays",
        "An update moves `updated_at`.",
        "updateField getField",
        writes.updated_at_stays(),
        Send("PUT /ws/types/contratos/fields/302", {"position": 5}),
    ),
    mutant(
        "deleted-still-listed",
        "A deleted record is out of its list.",
        "deleteField listFields",
        writes.deleted_still_listed(),
        "DELETE /ws/types/contratos/fields/303",
        "GET /ws/types/contratos/fields",
    ),
    # -------- Items -----------------------------------------------------------------
    mutant(
        "item-of-another-type",
        "The items of a type are of that type.",
        "listItems",
        lists.last_is_of_another_type(),
        "GET /ws/types/contratos/items?_limit=3",
    ),
    mutant(
        "read-only-key-creates",
        "A key without the scope `write` creates nothing.",
        "createItem",
        access.let_in(FULL_KEY, lambda headers: headers.get("x-api-key") == READ_ONLY_KEY),
        Send("POST /ws/types/clientes/items", {"data": {"nome": "Papelaria Sol"}}, READ_ONLY),
    ),
    mutant(
        "count-off-by-one",
        "A count agrees with its list.",
        "countItems",
        answers.body_changed(lambda count: count + 1),
        "GET /ws/types/contratos/items/count",
    ),
    mutant(
        "created-at-moves",
        "An update leaves `created_at` as it is.",
        "updateItem getItem",
        writes.created_at_moves(),
        Send("PUT /ws/types/contratos/items/TdrHId8iaqHuSlyV", {"status": "inactive"}),
    ),
    # -------- Tasks -----------------------------------------------------------------
    mutant(
        "filter-ignored",
        "A filter leaves what is equal.",
        "listTasks",
        lists.query_ignored("action"),
        "GET /c-flow-tasks?action=send_email",
    ),
    mutant(
        "created-not-found",
        "What was created can be read.",
        "createTask getTask",
        writes.created_not_found(),
        Send("POST /c-flow-tasks", {"name": "Conferir", "action": "confirmation", "stage": 31}),
        "GET /c-flow-tasks/{id}",
    ),
    # -------- Stages ----------------------------------------------------------------
    mutant(
        "405-without-allow",
        "A 405 lists the allowed methods.",
        "listStages",
        answers.without_header("allow", 405),
        "PUT /c-flow-stages",
    ),
    mutant(
        "undocumented-setting",
        "The settings of a type are texts and nothing else.",
        "getStage",
        answers.records_changed(
            lambda stage: (
                stage
                | {"item_type": stage["item_type"] | {"settings": stage["item_type"]["settings"] | {"position": 3}}}
            )
        ),
        "GET /c-flow-stages/31",
    ),
    # -------- Flows -----------------------------------------------------------------
    mutant(
        "required-member-missing",
        "A flow has a `start_type`.",
        "listFlows",
        answers.without_member("start_type"),
        "GET /c-flows",
    ),
    # -------- Forms -----------------------------------------------------------------
    mutant(
        "search-ignored",
        "`_q` leaves what holds the text.",
        "listForms",
        lists.query_ignored("_q"),
        "GET /c-forms?_q=compra",
    ),
    mutant(
        "null-slug",
        "The slug of a form is not null.",
        "getForm",
        answers.with_member(slug=None),
        "GET /c-forms/14",
    ),
    # -------- Types -----------------------------------------------------------------
    mutant(
        "pages-overlap",
        "No record stands on two pages.",
        "listTypes",
        lists.pages_moved(-1),
        "GET /ws/types?_start=2&_limit=2",
    ),
    mutant(
        "duplicate-slug-accepted",
        "The slug of a type is its own.",
        "createType",
        writes.duplicate_accepted(),
        Send("POST /ws/types", {"name": "Outros contratos", "slug": "contratos"}),
    ),
    mutant(
        "id-is-a-text",
        "The id of a type is an integer.",
        "getType",
        answers.records_changed(lambda found: found | {"id": str(found["id"])}),
        "GET /ws/types/contratos",
    ),
    mutant(
        "update-drops-others",
        "An update leaves what was not sent.",
        "updateType",
        writes.others_cleared("description", "icon", "color"),
        Send("PUT /ws/types/contratos", {"name": "Contratos da empresa"}),
    ),
    # -------- Members ---------------------------------------------------------------
    mutant(
        "pages-leave-a-gap",
        "Every record stands on a page.",
        "listMembers",
        lists.pages_moved(+1),
        "GET /ws/members?_start=2&_limit=2",
    ),
    mutant(
        "created-is-201",
        "Creations answer 200; a 201 is not documented.",
        "createMember",
        answers.with_status(201),
        Send("POST /ws/members", {"email": "nova@yourcompany.com.br", "type": "standard"}),
    ),
    mutant(
        "enum-value-unknown",
        "A member is an owner, full, standard or a viewer.",
        "listMembers",
        answers.records_changed(lambda member: member | {"type": "admin"} if member["type"] == "full" else member),
        "GET /ws/members",
    ),
    mutant(
        "envelope-changed",
        "An error is `{statusCode, error, message}`.",
        "getMember",
        answers.body_changed(lambda error: {"errors": [{"code": "not_found", "detail": error["message"]}]}, (404,)),
        "GET /ws/members/99999",
    ),
    # -------- Roles -----------------------------------------------------------------
    mutant(
        "sort-ignored",
        "A sorted list is sorted.",
        "listRoles",
        lists.query_ignored("_sort"),
        "GET /ws/roles?_sort=id:DESC",
    ),
    mutant(
        "read-only-member-taken",
        "Read-only members of a body are ignored.",
        "createRole updateRole getRole",
        writes.read_only_taken("created_at"),
        Send("POST /ws/roles", {"name": "Auditoria", "created_at": "2001-01-01T00:00:00.000Z"}),
        "GET /ws/roles/{id}",
    ),
    mutant(
        "key-in-error",
        "No error contains the caller's key.",
        "getRole",
        access.key_in_message(404),
        "GET /ws/roles/99999",
    ),
    mutant(
        "update-touches-another",
        "An update changes one record.",
        "updateRole",
        writes.neighbour_changed(description="Auditoria interna"),
        Send("PUT /ws/roles/5", {"description": "Auditoria externa"}),
        "GET /ws/roles",
    ),
    mutant(
        "body-cut-short",
        "A body is whole.",
        "listRolePermissions",
        answers.cut_short(),
        "GET /ws/roles/5/permissions",
    ),
    # -------- Member Groups ---------------------------------------------------------
    mutant(
        "sql-in-error",
        "No error exposes internals of the server.",
        "listMemberGroups",
        answers.message_with(TRACE, 400),
        "GET /ws/mgroups?_limit=none",
    ),
    mutant(
        "created-with-other-values",
        "A creation is answered with what was sent.",
        "createMemberGroup",
        answers.records_changed(lambda group: group | {"name": f"{group['name'][:56]} (1)"}),
        Send("POST /ws/mgroups", {"name": "Compras externas"}),
    ),
    mutant(
        "delete-does-nothing",
        "A deleted record is gone.",
        "deleteMemberGroup",
        writes.rolled_back(),
        "DELETE /ws/mgroups/300",
        "GET /ws/mgroups/300",
    ),
    # -------- Quick Tasks -----------------------------------------------------------
    mutant(
        "date-is-local",
        "`created_at` is an ISO instant.",
        "getQuickTask",
        answers.with_member(created_at="05/02/2026 10:14"),
        "GET /c-quick-tasks/525",
    ),
    mutant(
        "update-not-kept",
        "An update is kept.",
        "updateQuickTask",
        writes.rolled_back(),
        Send("PUT /c-quick-tasks/525", {"title": "Revisar contrato"}),
        "GET /c-quick-tasks/525",
    ),
    # -------- Integrations ----------------------------------------------------------
    mutant(
        "list-in-an-object",
        "A list is an array.",
        "listIntegrations",
        answers.body_changed(lambda rows: {"data": rows, "total": len(rows)}),
        "GET /integrations",
    ),
    mutant(
        "secret-returned",
        "A write-only member is never answered.",
        "createIntegration",
        access.settings_returned_as_sent(),
        Send(
            "POST /integrations", {"integration": 7, "data": {"environment": "stage", "api_key": "sk-never-returned"}}
        ),
    ),
    # -------- Schedule Tasks --------------------------------------------------------
    mutant(
        "missing-is-found",
        "A record that is not there is a 404.",
        "getScheduleTask",
        answers.found_though_missing("/c-schedule-tasks"),
        "GET /c-schedule-tasks/99999",
    ),
    # -------- Workspaces ------------------------------------------------------------
    mutant(
        "expired-key-works",
        "An expired key is refused.",
        "listWorkspaces",
        access.let_in(FULL_KEY, lambda headers: headers.get("x-api-key") == EXPIRED_KEY),
        Send("GET /ws", headers=EXPIRED),
    ),
    mutant(
        "foreign-workspace-readable",
        "A key reads its own workspaces only.",
        "getWorkspaceStats",
        access.let_in(
            OTHER_WORKSPACE_KEY,
            lambda headers: headers.get("x-api-key") == FULL_KEY and headers.get("en-workspace") == "rh-abc",
        ),
        Send("GET /ws/stats", headers=FOREIGN),
    ),
    mutant(
        "json-called-text",
        "An answer is `application/json`.",
        "getWorkspaceContext",
        answers.with_header("content-type", "text/html; charset=utf-8"),
        "GET /ws/context",
    ),
    # -------- User ------------------------------------------------------------------
    mutant(
        "long-search-is-500",
        "Nothing that is sent leads to a 500.",
        "listRequestLogs",
        answers.failing_on_long("_q", 255),
        f"GET /user-request-logs?_q={'a' * 300}",
    ),
    mutant(
        "answer-is-slow",
        "An answer comes in time.",
        "listApiKeys",
        answers.slow(3.0),
        "GET /user-api-keys",
    ),
)
