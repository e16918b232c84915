"""The navigation of Enspace's documentation as a table: what the contract has to hold, and nothing else."""

# tag | title | operationId | method | path | security | error statuses
OPERATIONS = """
Fields | List Fields | listFields | GET | /ws/types/{slug}/fields | both | 400 401 403 404 500
Fields | Create Field | createField | POST | /ws/types/{slug}/fields | both | 400 401 403 404 500
Fields | Get Field | getField | GET | /ws/types/{slug}/fields/{fieldId} | both | 400 401 403 404 500
Fields | Field Updated | updateField | PUT | /ws/types/{slug}/fields/{fieldId} | both | 400 401 403 404 500
Fields | Delete Field | deleteField | DELETE | /ws/types/{slug}/fields/{fieldId} | both | 400 401 403 404 500
Items | List Items | listItems | GET | /ws/types/{slug}/items | both | 400 401 403 404 500
Items | Create Item | createItem | POST | /ws/types/{slug}/items | both | 400 401 403 404 500
Items | Count Items | countItems | GET | /ws/types/{slug}/items/count | both | 400 401 403 404 500
Items | Get Item | getItem | GET | /ws/types/{slug}/items/{reference} | both | 400 401 403 404 500
Items | Update Item | updateItem | PUT | /ws/types/{slug}/items/{reference} | both | 400 401 403 404 500
Items | Delete item | deleteItem | DELETE | /ws/types/{slug}/items/{reference} | both | 400 401 403 404 500
Tasks | List Tasks | listTasks | GET | /c-flow-tasks | both | 400 401 403 500
Tasks | Get specific Task | getTask | GET | /c-flow-tasks/{id} | both | 400 401 403 404 500
Tasks | New Task | createTask | POST | /c-flow-tasks | both | 400 401 403 500
Stages | List Stages | listStages | GET | /c-flow-stages | both | 400 401 403 500
Stages | Get specific Stage | getStage | GET | /c-flow-stages/{id} | both | 400 401 403 404 500
Flows | List Flows | listFlows | GET | /c-flows | both | 400 401 403 500
Flows | Get specific Flow | getFlow | GET | /c-flows/{id} | both | 400 401 403 404 500
Forms | List Form | listForms | GET | /c-forms | both | 400 401 403 500
Forms | Get specific Form | getForm | GET | /c-forms/{id} | both | 400 401 403 404 500
Forms | List Form Create | listCreateForms | GET | /c-forms/create | both | 400 401 403 500
Types | List Types | listTypes | GET | /ws/types | both | 400 401 403 500
Types | Count Types | countTypes | GET | /ws/types/count | both | 400 401 403 500
Types | Get specific Type | getType | GET | /ws/types/{slug} | both | 400 401 403 404 500
Types | Create Type | createType | POST | /ws/types | both | 400 401 403 500
Types | Update Type | updateType | PUT | /ws/types/{slug} | both | 400 401 403 404 500
Types | Delete Type | deleteType | DELETE | /ws/types/{slug} | both | 400 401 403 404 500
Members | List Members | listMembers | GET | /ws/members | both | 400 401 403 500
Members | Count Members | countMembers | GET | /ws/members/count | both | 400 401 403 500
Members | Get Member | getMember | GET | /ws/members/{memberId} | both | 400 401 403 404 500
Members | New Member | createMember | POST | /ws/members | both | 400 401 403 500
Members | Update Member | updateMember | PUT | /ws/members/{memberId} | both | 400 401 403 404 500
Members | Remove Member | removeMember | DELETE | /ws/members/{memberId} | both | 400 401 403 404 500
Roles | List roles | listRoles | GET | /ws/roles | both | 400 401 403 500
Roles | Create role | createRole | POST | /ws/roles | both | 400 401 403 500
Roles | Count roles | countRoles | GET | /ws/roles/count | both | 400 401 403 500
Roles | Get specific role | getRole | GET | /ws/roles/{roleId} | both | 400 401 403 404 500
Roles | Update role | updateRole | PUT | /ws/roles/{roleId} | both | 400 401 403 404 500
Roles | Delete role | deleteRole | DELETE | /ws/roles/{roleId} | both | 400 401 403 404 500
Roles | List Role Permissions | listRolePermissions | GET | /ws/roles/{roleId}/permissions | both | 400 401 403 404 500
Roles | Add Permission to Role | addRolePermission | POST | /ws/roles/{roleId}/permissions | both | 400 401 403 404 500
Roles | Remove Role Permission | removeRolePermission | DELETE | /ws/roles/{roleId}/permissions/{permissionId} | both | 400 401 403 404 500
Member Groups | List groups | listMemberGroups | GET | /ws/mgroups | both | 400 401 403 500
Member Groups | New group | createMemberGroup | POST | /ws/mgroups | both | 400 401 403 500
Member Groups | Get group | getMemberGroup | GET | /ws/mgroups/{groupId} | both | 400 401 403 404 500
Member Groups | Update group | updateMemberGroup | PUT | /ws/mgroups/{groupId} | both | 400 401 403 404 500
Member Groups | Delete group | deleteMemberGroup | DELETE | /ws/mgroups/{groupId} | both | 400 401 403 404 500
Member Groups | Add Users | addMemberGroupUsers | POST | /ws/mgroups/{groupId}/users | both | 400 401 403 404 500
Member Groups | Remove Users | removeMemberGroupUsers | DELETE | /ws/mgroups/{groupId}/users | both | 400 401 403 404 500
Quick Tasks | List Quick Tasks | listQuickTasks | GET | /c-quick-tasks | both | 400 401 403 500
Quick Tasks | Count Quick Tasks | countQuickTasks | GET | /c-quick-tasks/count | both | 400 401 403 500
Quick Tasks | Get Quick Task | getQuickTask | GET | /c-quick-tasks/{id} | both | 400 401 403 404 500
Quick Tasks | Delete Quick Task | deleteQuickTask | DELETE | /c-quick-tasks/{id} | both | 400 401 403 404 500
Quick Tasks | Update Quick Task | updateQuickTask | PUT | /c-quick-tasks/{id} | both | 400 401 403 404 500
Quick Tasks | New Quick Task | createQuickTask | POST | /c-quick-tasks | both | 400 401 403 500
Integrations | Integration | listIntegrations | GET | /integrations | both | 400 401 403 500
Integrations | New Integration | createIntegration | POST | /integrations | both | 400 401 403 500
Schedule Tasks | List Schedule Tasks | listScheduleTasks | GET | /c-schedule-tasks | both | 400 401 403 500
Schedule Tasks | Get specify Schedule Task | getScheduleTask | GET | /c-schedule-tasks/{id} | both | 400 401 403 404 500
Workspaces | List Workspaces | listWorkspaces | GET | /ws | key | 400 401 403 500
Workspaces | Workspace Context | getWorkspaceContext | GET | /ws/context | both | 400 401 403 500
Workspaces | New Workspace | createWorkspace | POST | /ws | key | 400 401 403 500
Workspaces | Leave the workspace | leaveWorkspace | POST | /ws/leave | both | 400 401 403 500
Workspaces | Workspace Statistics | getWorkspaceStats | GET | /ws/stats | both | 400 401 403 500
Workspaces | Workspace Deletion Preview | getWorkspaceDeletionPreview | GET | /ws/deletion-preview | both | 400 401 403 500
Workspaces | Delete Workspace | deleteWorkspace | DELETE | /ws | both | 400 401 403 500
User | Request Log | listRequestLogs | GET | /user-request-logs | either | 400 401 403 500
User | List API Keys | listApiKeys | GET | /user-api-keys | either | 401 403 500
"""

SCHEMAS = """
MemberUpdate MemberCreate Member Role RoleCreate RoleUpdate MemberGroup MemberGroupCreate MemberGroupUpdate
Type TypeInput TypeDetail Item ItemInput WorkspaceContext WorkspaceStats Workspace WorkspaceCreate WorkspaceUpdate
Tasks Flow Stage Forms Integrations User RequestLog UserApiKey SuccessResponse ErrorResponse Field FieldInput
Permission PermissionInput Error
"""

RESPONSES = "BadRequest Unauthorized Forbidden NotFound ServerError"

PROVIDERS = """
CertiSignInput DocusignInput D4SignInput ClicksignInput AdobeSignInput WhatsappTwilioInput SendGridInput OpenAiInput
"""
