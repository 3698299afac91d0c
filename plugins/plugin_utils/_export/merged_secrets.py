# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file of secrets of a document that is exported again: it keeps what it has, and gets what is new."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from ansible_collections.community.dokploy.plugins.module_utils._export.edits import ADD, SET, Edit
from ansible_collections.community.dokploy.plugins.module_utils._export.marked import Secret, parts
from ansible_collections.community.dokploy.plugins.module_utils._values.marks import SECRET, mark, substituted
from ansible_collections.community.dokploy.plugins.module_utils._values.nested import texts_at
from ansible_collections.community.dokploy.plugins.plugin_utils._export.secrets_file import is_equal, variables_of
from ansible_collections.community.dokploy.plugins.plugin_utils._export.yaml_edit import edited
from ansible_collections.community.dokploy.plugins.plugin_utils._export.yaml_nodes import Uneditable
from ansible_collections.community.dokploy.plugins.plugin_utils._export.yaml_writer import writer_of


class SecretsFile:
    """:param text: that of the file, decrypted; C(None) if there is none. :ivar values: those that a new file has."""

    def __init__(self, text: Optional[str], values: Optional[Mapping[str, Any]] = None) -> None:
        self.text = text
        self.values = variables_of(text.encode("utf-8")) if text is not None and values is None else dict(values or {})

    def with_secrets(self, wanted: Sequence[Secret], secrets: Mapping[str, Any]) -> SecretsFile:
        """The variables with those that the document takes. :param secrets: their values.

        :raises OptionError: the file cannot be changed.
        """
        text, values = self.text, dict(self.values)
        for secret in wanted:
            value = secret.value(secrets)
            known = values.get(secret.name)
            path: Tuple[str, ...]
            if secret.key is None:
                path, stored, is_there = (secret.name,), known, secret.name in values
            elif isinstance(known, Mapping):
                path, stored, is_there = (secret.name, secret.key), known.get(secret.key), secret.key in known
            else:
                path, stored, is_there, value = (secret.name,), known, secret.name in values, {secret.key: value}
            if is_there and is_equal(stored, value):
                continue
            values[secret.name] = value if len(path) == 1 else {**(known or {}), secret.key: value}
            if text is not None:
                try:
                    text = edited(text, Edit(SET if is_there else ADD, path, value), writer_of({}))
                except Uneditable as error:
                    message = "secrets_dest: the variable %s cannot be changed in line %d: %s"
                    raise OptionError(message % (secret.name, error.line, error)) from None
        return SecretsFile(text, values)

    def new_names(self, wanted: Sequence[Secret], secrets: Mapping[str, Any]) -> Dict[str, str]:
        """New names for the variables that have another value in the file."""
        names: Dict[str, str] = {}
        for secret in wanted:
            known = self.values.get(secret.name)
            if secret.key is not None and isinstance(known, Mapping):
                known = known.get(secret.key)
            if known is not None and not is_equal(known, secret.value(secrets)) and secret.name not in names:
                number = 2
                while "%s_%d" % (secret.name, number) in {**self.values, **secrets}:
                    number += 1
                names[secret.name] = "%s_%d" % (secret.name, number)
        return names


def names_in(value: Any) -> List[Secret]:
    """The secrets of which a value has marks, at any depth."""
    secrets = (part for _path, text in texts_at(value) for part in parts(text) if isinstance(part, Secret))
    return list(dict.fromkeys(secrets))


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """A value whose marks have other names of variables."""

    def with_name(source: str, key: str) -> str:
        name, separator, inner = key.partition("|")
        return mark(source, names.get(name, name) + separator + inner if source == SECRET else key)

    return substituted(value, with_name, keys=False)
