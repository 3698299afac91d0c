# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments of a task as far as they can be judged where nothing runs, for the rule ``args`` of ansible-lint.

For a module that has an action plugin of the same name, the rule loads the plugin only. It calls C(main) of that file
as if it were a module, with the arguments of the task as JSON on standard input. An exit with a message on standard
output is an error. The rule renders no template and does not know C(module_defaults).
"""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import Any, Mapping

from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation, first_complaint
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import Spec

# What is checked of an option. Whether it is required depends on module_defaults and on what a template yields.
_CHECKED = ("type", "elements", "choices", "aliases")


def main(operation: Operation) -> None:
    """Read the arguments of a task from standard input; exit with a message if one is wrong."""
    arguments = _rendered(json.load(sys.stdin)["ANSIBLE_MODULE_ARGS"])
    written = dataclasses.replace(
        operation, options=_written(operation.options), connection=_written(operation.connection), rules={}
    )
    problem = first_complaint(written, arguments)
    if problem is None:
        checked = ModuleArgumentSpecValidator(written.validation_spec).validate(_without_null(arguments))
        problem = _reworded(checked.errors.msg) if checked.error_messages else None
    if problem is not None:
        print(json.dumps({"failed": True, "msg": problem}))
        sys.exit(1)


def _reworded(message: str) -> str:
    """A message about the type of a suboption in other words.

    The rule looks up the option of a message in Ansible's words in the task, and a C(KeyError) ends it for the file.
    """
    return message.replace("' is of type ", "' has the type ") if " found in '" in message else message


def _written(spec: Spec) -> Spec:
    """An argument spec without what it says of options that are not written."""
    checked: Spec = {}
    for name, option in spec.items():
        checked[name] = {key: option[key] for key in _CHECKED if key in option}
        if option.get("options"):
            checked[name]["options"] = _written(option["options"])
    return checked


def _rendered(value: Any) -> Any:
    """A value with null in place of each template, as if the option were not set, and lists without templates.

    In a list of mappings, an empty one takes the place of a template, so that messages count the items as written.
    """
    if isinstance(value, Mapping):
        return {key: _rendered(item) for key, item in value.items()}
    if isinstance(value, list):
        template: Any = {} if any(isinstance(item, Mapping) for item in value) else None
        items = [template if item is None else item for item in map(_rendered, value)]
        return [item for item in items if item is not None]
    if isinstance(value, str) and ("{{" in value or "{%" in value):
        return None
    return value


def _without_null(value: Any) -> Any:
    """Null is no choice for Ansible where the option has no default."""
    if isinstance(value, Mapping):
        return {key: _without_null(item) for key, item in value.items() if item is not None}
    return [_without_null(item) for item in value] if isinstance(value, list) else value
