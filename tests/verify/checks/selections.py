"""What the rows of these tests have in common: the operations that they select."""

from __future__ import annotations

ROLES = ("listRoles", "getRole", "createRole", "updateRole", "deleteRole", "countRoles")
FIELDS = ("listFields", "createField", "getField", "updateField", "deleteField", "listTypes", "createType")
ITEMS_AND_PERMISSIONS = ("listItems", "createItem", "getItem", "updateItem", "addRolePermission", "listRolePermissions")
WORKSPACES = ("listWorkspaces", "createWorkspace", "leaveWorkspace", "deleteWorkspace", "getWorkspaceContext")
TYPES = ("listTypes", "createType", "getType", "updateType", "deleteType", "countTypes")
LOGS = ("listRequestLogs",)
INTEGRATIONS = ("listIntegrations", "createIntegration")
MEMBERS = ("listMembers", "createMember", "getMember", "updateMember")
TASKS = ("listQuickTasks", "createQuickTask", "getQuickTask", "updateQuickTask", "deleteQuickTask")
PERMISSIONS = ("listRolePermissions", "addRolePermission", "removeRolePermission")
FLOW_TASKS = ("listTasks", "createTask", "getTask", "listStages")
GROUPS = ("listMemberGroups", "createMemberGroup", "getMemberGroup", "addMemberGroupUsers", "removeMemberGroupUsers")
ITEMS = ("listItems", "createItem", "getItem", "updateItem", "deleteItem")
