# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where Ansible has read a value, and what it may do with it: the tags of ansible-core 2.19 and newer."""

from __future__ import annotations

import os
from typing import Any, Mapping, Optional, Tuple

from ansible.parsing.dataloader import DataLoader

try:
    from ansible._internal._datatag._tags import Origin, TrustedAsTemplate
except ImportError:
    # Older than ansible-core 2.19.
    Origin = TrustedAsTemplate = None

from ansible_collections.community.dokploy.plugins.plugin_utils._document.places import Mark
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain

#: Whether texts have tags.
TAGS = Origin is not None


def trusted(text: str, path: str) -> str:
    """The text of a file of the controller, whose templates are rendered."""
    tagged: str = TrustedAsTemplate().tag(Origin(path=path).tag(text)) if TAGS else text
    return tagged


def shown_path(path: str, loader: DataLoader) -> str:
    """A path as messages show it: from the playbook or the working directory, if it is below."""
    for folder in (os.path.abspath(loader.get_basedir()), os.getcwd()):
        if os.path.commonpath([folder, path]) == folder:
            return os.path.relpath(path, folder)
    return path


def mark_of(value: Any, loader: DataLoader, above: Mark) -> Mark:
    """The mark of a value that Ansible has read, and of what is in it.

    :param above: that of the mapping or list that it is in, for what Ansible has not kept the place of.
    """
    mark = _origin(value, loader) or above
    inner: Any = None
    if isinstance(value, Mapping):
        inner = {plain(key): _of_key(key, item, loader, mark) for key, item in value.items()}
    elif isinstance(value, (list, tuple)):
        inner = [mark_of(item, loader, mark) for item in value]
    return mark._replace(inner=inner)


def _of_key(key: Any, value: Any, loader: DataLoader, above: Mark) -> Mark:
    """Where the key is, unless its value comes from another file, as that of a variable does."""
    mark = _origin(key, loader) or above
    of_value = mark_of(value, loader, mark)
    return of_value if of_value.file != mark.file else mark._replace(inner=of_value.inner)


def path_of(value: Any) -> Optional[str]:
    """The absolute path of the file that Ansible has read a value from, if it has kept it."""
    return _position(value)[0]


def _origin(value: Any, loader: DataLoader) -> Optional[Mark]:
    path, line, column = _position(value)
    return None if path is None else Mark(shown_path(path, loader), line, column)


def _position(value: Any) -> Tuple[Optional[str], int, int]:
    """The absolute path of the file, the line and the column of a value; 0 for what is not known."""
    position: Tuple[Any, ...]
    if TAGS:
        tag = Origin.get_tag(value)
        position = (tag.path, tag.line_num, tag.col_num) if tag is not None else (None, 0, 0)
    else:
        position = getattr(value, "ansible_pos", (None, 0, 0))
    path, line, column = position
    known = isinstance(path, str) and os.path.isabs(path)
    return (path if known else None), line or 0, column or 0
