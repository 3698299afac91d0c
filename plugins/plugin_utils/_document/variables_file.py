# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of variables with secrets: what is in them, and why one cannot be read. No message has any of their content."""

from __future__ import annotations

import os
from typing import Any, Dict, Iterator, List, Mapping, Optional

from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.yaml.loader import AnsibleLoader
from ansible.plugins.action import ActionBase
from yaml import YAMLError

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError, kind_of, why_unreadable
from ansible_collections.community.dokploy.plugins.plugin_utils._document.origins import TAGS, shown_path, trusted
from ansible_collections.community.dokploy.plugins.plugin_utils._document.vaulted import (
    Locked,
    locked,
    opened,
    vault_passwords,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain

OPTIONS = {
    "path": {"type": "path", "required": True},
    "variable": {"type": "str", "default": "path"},
    "required": {"type": "bool", "default": True},
}
_HINT = "Put a value that begins with another character than a letter or a digit in quotes"


class VariablesFile(ActionBase):
    """Fails with what is wrong with a file of variables. The result has their names, and nothing else of the file."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_async = False
    _supports_check_mode = True

    def run(self, tmp: Optional[str] = None, task_vars: Optional[Dict[str, Any]] = None) -> Dict[str, Any]:
        result: Dict[str, Any] = super().run(tmp, task_vars)
        _checked, options = self.validate_argument_spec(OPTIONS)
        path = os.path.abspath(options["path"])
        exists = os.path.lexists(path)
        result.update(changed=False, path=path, exists=exists, names=[])
        if exists or options["required"]:
            try:
                result["names"] = names_in(path, options["variable"], self._loader)
            except OptionError as error:
                result.update(failed=True, msg=str(error), error=error.facts)
        return result


def names_in(path: str, option: str, loader: DataLoader) -> List[str]:
    """The names of the variables of a file, all of which can be decrypted.

    :param option: what messages call the option that names the file.
    :raises OptionError: why the file cannot be read, and what to do.
    """
    return sorted(str(name) for name in variables_in(path, option, loader))


def variables_in(path: str, option: str, loader: DataLoader) -> Mapping[str, Any]:
    """The variables of a file, as Ansible takes them from C(vars_files), all of which can be decrypted.

    :param option: what messages call the option that names the file.
    :raises OptionError: why the file cannot be read, and what to do.
    """
    what = "%s: %s" % (option, shown_path(path, loader))
    try:
        with open(path, "rb") as file:
            content = opened(file.read(), what, loader)
        variables = _loaded(content, path, what, loader)
    except OSError as error:
        raise OptionError("%s cannot be read: %s" % (what, why_unreadable(error))) from None
    except Locked as error:
        raise OptionError(str(error)) from None
    if not isinstance(variables, Mapping):
        has = "is empty" if variables is None else "has %s" % kind_of(variables)
        raise OptionError("%s %s; it takes a mapping of variables" % (what, has))
    unreadable = [str(name) for name, value in variables.items() if not _is_open(value)]
    if unreadable:
        raise OptionError(locked("%s: the value of %s" % (what, ", ".join(sorted(unreadable))), loader))
    return variables


def _loaded(content: bytes, path: str, what: str, loader: DataLoader) -> Any:
    """The value of a text of YAML. :raises OptionError: it is none."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise OptionError("%s: line %d is not UTF-8 text" % (what, line)) from None
    try:
        if TAGS:
            return AnsibleLoader(trusted(text, path)).get_single_data()
        return AnsibleLoader(text, path, vault_passwords(loader)).get_single_data()
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        place = "" if mark is None else " at line %d, column %d" % (mark.line + 1, mark.column + 1)
        raise OptionError("%s is not YAML%s. %s" % (what, place, _HINT)) from None
    except (AnsibleError, ValueError, TypeError, ArithmeticError, AttributeError, LookupError, RecursionError):
        raise OptionError("%s is not YAML that Ansible can read. %s" % (what, _HINT)) from None


def _is_open(value: Any) -> bool:
    try:
        for part in _parts(value):
            plain(part)
    except AnsibleError:
        return False
    return True


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _parts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _parts(item)
    else:
        yield value
