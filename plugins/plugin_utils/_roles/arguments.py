# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The check of the variables of a role, in place of Ansible's.

When one is wrong, Ansible returns the whole specification of the role with its message, which names neither the entry
nor what may be meant. A role with several entry points takes its variables as a command line or a survey states them,
and goes on with the options that this returns.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

from ansible.plugins.action import ActionBase

from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import CONNECTION
from ansible_collections.community.dokploy.plugins.module_utils._model.document import mistakes_in
from ansible_collections.community.dokploy.plugins.module_utils._model.mistakes import grouped, in_one_text
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain, without_omitted
from ansible_collections.community.dokploy.plugins.plugin_utils._roles.options import unchecked, whole_specification
from ansible_collections.community.dokploy.plugins.plugin_utils._roles.stated import converted, stated
from ansible_collections.community.dokploy.plugins.plugin_utils._roles.variables import (
    MAIN,
    not_read,
    specification,
    unknown,
)

OPTIONS = {
    "prefix": {"type": "str", "required": True},
    "spec": {"type": "path", "required": True},
    "entry_point": {"type": "str", "default": MAIN},
    "known": {"type": "list", "elements": "str", "default": []},
    "own": {"type": "list", "elements": "str", "default": []},
}
# What the variables of the connection begin with, and those that every task of the collection knows beside them.
CONNECTION_PREFIX = "dokploy_"
_CONNECTION = {name[len(CONNECTION_PREFIX) :] if name.startswith(CONNECTION_PREFIX) else name for name in CONNECTION}
OF_EVERY_TASK = ("dokploy_hosts", "dokploy_in_process", "dokploy_own_variables")


class RoleArguments(ActionBase):
    """Fails with all mistakes in the variables of a role, and with nothing else in the result."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_async = False
    _supports_check_mode = True

    def run(self, tmp: Optional[str] = None, task_vars: Optional[Dict[str, Any]] = None) -> Dict[str, Any]:
        result: Dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        _checked, options = self.validate_argument_spec(OPTIONS)
        described = specification(options["spec"], options["entry_point"])
        if options["entry_point"] == MAIN:
            mistakes = self._mistakes(described, options, variables)
        else:
            result["options"], mistakes = self._taken(described, options, variables)
        # Unlike ansible_check_mode, it is also true where the keyword check_mode sets it for the role.
        result.update(changed=False, failed=bool(mistakes), check_mode=bool(self._task.check_mode))
        if mistakes:
            result["msg"] = in_one_text(grouped(mistakes))
        return result

    def _mistakes(
        self, described: Dict[str, Any], options: Mapping[str, Any], variables: Mapping[str, Any]
    ) -> List[str]:
        role = options["prefix"].rstrip("_")
        spec = whole_specification(role, described)
        checked = {name: option for name, option in spec.items() if name not in unchecked(role)}
        known = {**dict.fromkeys(options["known"], {}), **spec}
        misspelt = _misspelt(options["prefix"], variables, known, options["own"])
        return [*not_read(variables), *misspelt, *mistakes_in(checked, self._given(checked, variables))]

    def _taken(
        self, described: Dict[str, Any], options: Mapping[str, Any], variables: Mapping[str, Any]
    ) -> Tuple[Dict[str, Any], List[str]]:
        """The options of an entry point by their names without the prefix, none of them a secret, and the mistakes."""
        prefix = options["prefix"]
        known = {**dict.fromkeys((*options["known"], *OF_EVERY_TASK), {}), **described}
        mistakes = list(not_read(variables))
        for beginning in dict.fromkeys((prefix, CONNECTION_PREFIX)):
            own = self._templar.template(variables.get(beginning + "own_variables") or [])
            own = own.split(",") if isinstance(own, str) else own
            mistakes += _misspelt(beginning, variables, known, plain(own))
        values, no_json = stated(described, self._given(described, variables))
        mistakes += [*no_json, *mistakes_in(described, values)]
        taken: Dict[str, Any] = {}
        if not mistakes:
            taken, mistakes = converted(described, values)
        options_shown = {name: value for name, value in taken.items() if _is_shown(name, prefix, described)}
        return {name[len(prefix) :]: value for name, value in options_shown.items()}, mistakes

    def _given(self, spec: Mapping[str, Any], variables: Mapping[str, Any]) -> Dict[str, Any]:
        """The variables of a role that are stated, as plain values."""
        stated_variables = {name: variables[name] for name in spec if name in variables}
        given: Dict[str, Any] = plain(without_omitted(self._templar.template(stated_variables)))
        return given


def _is_shown(name: str, prefix: str, described: Mapping[str, Any]) -> bool:
    """Whether the result has an option: one of the procedure that is no secret."""
    of_connection = name.startswith(CONNECTION_PREFIX) and name[len(CONNECTION_PREFIX) :] in _CONNECTION
    return name.startswith(prefix) and not of_connection and not described[name].get("no_log")


def _misspelt(prefix: str, variables: Mapping[str, Any], known: Mapping[str, Any], own: List[str]) -> Iterator[str]:
    """One sentence for each unknown variable with the prefix, and what to do with one that is meant."""
    sentences = unknown(prefix, variables, known, own)
    yield from sentences
    if sentences:
        yield "List variables of your own that begin with %s in %sown_variables." % (prefix, prefix)
