# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operation of each module, and the resources and children that the modules manage."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from ansible_collections.community.dokploy.plugins.module_utils._model.child import Child
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from tests.support.module_docs import MODULES


def operation(module: str) -> Operation:
    """What the module of this name runs."""
    found: Operation = importlib.import_module(
        "ansible_collections.community.dokploy.plugins.modules." + module
    ).__dict__["INFO_OPERATION" if module.endswith("_info") else "OPERATION"]
    return found


OPERATIONS = {module: operation(module) for module in MODULES}


@dataclass(frozen=True)
class ManagedResource:
    """A resource, or one of the kinds of it that a module manages."""

    operation: Operation
    resource: Resource

    def __str__(self) -> str:
        return self.resource.label.replace(" ", "-")

    @property
    def name(self) -> str:
        return self.resource.name

    @property
    def info(self) -> Operation:
        return OPERATIONS[f"{self.operation.name}_info"]

    @property
    def opened(self) -> dict[str, bool]:
        """The option that shows its secrets, where it has any."""
        return {"include_secrets": True} if "include_secrets" in self.info.options else {}

    @property
    def kind(self) -> dict[str, str]:
        """The option that selects the kind, where a suboption does not."""
        return {} if self.resource.by_suboption else self.shown_kind

    @property
    def shown_kind(self) -> dict[str, str]:
        """What results show of the kind."""
        return {"type": self.resource.kind} if self.resource.kind else {}

    def of(self, resource_id: str) -> dict[str, str]:
        """The options that locate one by its ID."""
        return {self.resource.id_option: resource_id, **self.kind}

    def unprotected(self, shown: dict[str, Any]) -> dict[str, Any]:
        """What a result shows of one, without what the server has made with it."""
        parent = {field.api: shown.get(path[0]) for path, field, _group in self.resource.fields()}
        found = dict(shown)
        for child in (one for one in self.resource.children if shown.get(one.option)):
            apis = {field.name: field.api for field in child.fields if not field.input_only}
            rows = [({apis[name]: one[name] for name in apis if name in one}, one) for one in shown[child.option]]
            found[child.option] = [one for row, one in rows if not child.protected(parent, row)]
        return found

    def as_parent(self, address: dict[str, Any]) -> dict[str, Any]:
        """The options that locate one, as those of what belongs to it."""
        renamed = {"name": self.name, "type": f"{self.name}_type"}
        return {renamed.get(option, option): value for option, value in address.items()}


@dataclass(frozen=True)
class ManagedChild:
    """A child in one of the resources that it can belong to."""

    operation: Operation
    parent: ManagedResource
    child: Child

    def __str__(self) -> str:
        return f"{self.child.singular}-of-{self.parent}"


def _name(managed: Operation) -> str:
    return managed.name.removeprefix("dokploy_")


MANAGED: list[ManagedResource] = [
    ManagedResource(operation, resource)
    for operation in OPERATIONS.values()
    for resource in operation.resources
    # The only one of its kind is neither created nor removed: tested in its own file.
    if resource.name == _name(operation) and not resource.single
]
#: Those that are in no project, and are none.
OUTSIDE: list[ManagedResource] = [
    managed
    for managed in MANAGED
    if managed.resource.scope in ("instance", "server") and not managed.resource.inner_defaults
]
MANAGED_CHILDREN: list[ManagedChild] = [
    ManagedChild(operation, parent, child)
    for operation in OPERATIONS.values()
    for parent in MANAGED
    for child in parent.resource.children
    if child.singular == _name(operation) and parent.resource in operation.resources
]


def managed(label: str) -> ManagedResource:
    """The resource of this label, such as C(application)."""
    return next(one for one in MANAGED if one.resource.label == label)
