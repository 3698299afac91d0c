# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes tasks of the integration target C(every_module), from the examples of resources and of children.

They are for the modules that no other file of the target names. Each creates what the example says, changes nothing
when it runs again, and removes it. Its list has it meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._errors import with_article
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from tests.support.examples import child_example, example_of, named
from tests.support.operations import MANAGED, MANAGED_CHILDREN, OPERATIONS, ManagedChild, ManagedResource
from tests.support.strategies.resource_params import SECRET_MARK
from tools.documents import dump
from tools.workspace import ROOT

FOLDER = ROOT / "tests/integration/targets/every_module/tasks"
PATH = FOLDER / "examples.yml"
HEAD = """\
---
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Written by `make generate`, from tests/support/examples.py, for the modules that no other file here names.
"""
PREFIX = "{{ dokploy_test_prefix }}"

Task = dict[str, Any]


def by_hand() -> set[str]:
    """The modules that the other files name."""
    texts = (path.read_text() for path in FOLDER.glob("*.yml") if path != PATH)
    return {name for text in texts for name in re.findall(r"^ +community\.dokploy\.(\w+):", text, re.M)}


def text() -> str:
    """The file.

    :raises ValueError: a module has no example from which tasks can be made.
    """
    written = by_hand()
    missing = [name for name in OPERATIONS if name not in written]
    tasks = [task for name in missing for task in tasks_of(name, written)]
    return HEAD + "\n" + "\n".join(dump([task]) for task in tasks)


def tasks_of(module: str, written: set[str]) -> Iterator[Task]:
    for managed in MANAGED:
        if managed.operation.name == module:
            yield from _of_resource(managed)
            return
        if managed.info.name == module and managed.operation.name not in written:
            return
    for child in MANAGED_CHILDREN:
        if child.operation.name == module and child.parent.name == "application":
            yield from _of_child(child)
            return
    raise ValueError(f"{module} has no example: add tasks for it to a file in {FOLDER.relative_to(ROOT)}")


def _of_resource(managed: ManagedResource) -> Iterator[Task]:
    resource, module = managed.resource, managed.operation.name
    fields = [option for option in resource.options if isinstance(option, Field)]
    name = named(resource, PREFIX)
    homes = {"project": PREFIX, "environment": "production"}
    home = {level.label: homes[level.label] for level in resource.parents if not level.optional}
    stated = {**home, **managed.kind, **name, **_stated(module, fields, example_of(resource).item)}
    yield from _created(with_article(resource.label), module, stated)
    condition = {"failed_when": f"result is failed or result.{resource.listing.results} | length != 1"}
    yield {
        "name": f"Read the {resource.label}",
        f"community.dokploy.{managed.info.name}": {**home, **name},
        "register": "result",
        **condition,
    }
    gone = {**home, **managed.kind, **name, "state": "absent", **example_of(resource).removal}
    yield _task(f"Remove the {resource.label}", module, gone, changed=True)


def _of_child(managed: ManagedChild) -> Iterator[Task]:
    child, module = managed.child, managed.operation.name
    item = _stated(module, child.fields, child_example(managed.parent.resource, child).item)
    stated = {"project": PREFIX, "application": "api", **item}
    noun = child.singular.replace("_", " ")
    yield from _created(with_article(noun), module, stated)
    yield _task(f"Remove the {noun}", module, {**stated, "state": "absent"}, changed=True)


def _created(what: str, module: str, stated: Mapping[str, Any]) -> Iterator[Task]:
    yield _task(f"Create {what}", module, stated, changed=True)
    yield _task(f"Create {what} again", module, stated, changed=False)


def _task(name: str, module: str, params: Mapping[str, Any], changed: bool) -> Task:
    refused = "is not changed" if changed else "is changed"
    return {
        "name": name,
        f"community.dokploy.{module}": dict(params),
        "register": "result",
        "failed_when": f"result is failed or result {refused}",
    }


def _stated(module: str, fields: Any, item: Mapping[str, Any]) -> dict[str, Any]:
    """The options of an example, with secrets that the runner looks for.

    :raises ValueError: it names a record that nothing creates.
    """
    references = [field.name for field in fields if field.reference is not None and field.name in item]
    if references:
        raise ValueError(
            f"the example of {module} refers to another record in {', '.join(references)}: add tasks for it, which"
            f" create that too, to a file in {FOLDER.relative_to(ROOT)}"
        )
    secret = "{{ dokploy_test_secret }}"
    return {
        name: value.replace(SECRET_MARK, secret) if isinstance(value, str) else value for name, value in item.items()
    }


def main() -> None:
    PATH.write_text(text(), "utf-8")
