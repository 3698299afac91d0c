# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ansible-core 2.22 redacts of encrypted files of variables: each value, wherever it occurs in the output."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, Dict, Iterator, List, Mapping, Optional

from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import b_HEADER, is_encrypted

from ansible_collections.community.dokploy.plugins.module_utils._errors import enumerated
from ansible_collections.community.dokploy.plugins.module_utils._export.plain_env import is_surely_plain
from ansible_collections.community.dokploy.plugins.plugin_utils._document.origins import path_of, shown_path
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain

#: Whether Ansible redacts what encrypted files have: from 2.22 on.
REDACTS = find_spec("ansible.module_utils.secrets") is not None

_REMEDY = (
    "Export again, which leaves such values in the document, or move them to a file of variables that is not encrypted"
)


def secrets_of(variables: Mapping[str, Any]) -> Iterator[str]:
    """The values of a file of secrets that may be secrets, and not those that surely are none."""
    for name, value in variables.items():
        text = _text(value)
        if text and not is_surely_plain(str(name), text):
            yield text


def redaction_warnings(variables: Mapping[str, Any], loader: DataLoader, redacts: bool = REDACTS) -> List[str]:
    """A warning for each encrypted file with variables that are redacted though they surely are no secrets.

    :param variables: those of the task. :param redacts: whether Ansible redacts what such files have.
    """
    if not redacts:
        return []
    names: Dict[str, List[str]] = {}
    for key, value in variables.items():
        name, text = str(key), _text(value)
        path = path_of(value) if text and is_surely_plain(name, text) else None
        if path is not None:
            names.setdefault(path, []).append(name)
    return [
        "%s: ansible-core redacts the values of %s wherever they occur in the output, such as in names and counts,"
        " since the file is encrypted. They are numbers, usual words or short, and surely no secrets. %s."
        % (shown_path(path, loader), enumerated(sorted(of_file), 5), _REMEDY)
        for path, of_file in sorted(names.items())
        if _is_encrypted(path)
    ]


def _is_encrypted(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return bool(is_encrypted(file.read(len(b_HEADER) + 1)))
    except OSError:
        return False


def _text(value: Any) -> Optional[str]:
    """The value of a variable as Ansible redacts it; C(None) of what it does not."""
    bare = plain(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None
    return None if bare is None else str(bare).strip()
