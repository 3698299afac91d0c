# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a diff is made of, and how one option is compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Optional, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import DesiredField, Path, dotted
from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Child, ServerFile

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """One field that differs; both values are the API's.

    :param built: C(after) holds something of C(before), and loses what somebody else wrote since that was read.
    """

    path: Path
    field: Field
    before: Any
    after: Any
    built: bool = False


@dataclass(frozen=True)
class ChildChange:
    """One child that is added, updated, replaced (removed and made anew) or removed."""

    child: Child
    action: str
    label: str
    row: Optional[Row]
    changes: Tuple[Change, ...]
    wants: Tuple[DesiredField, ...] = ()


@dataclass(frozen=True)
class FileChange:
    """The file of the children is made valid.

    :param before: the invalid text that is there; C(None) where only the children of the same diff would leave one.
    """

    file: ServerFile
    before: Optional[str] = None


@dataclass(frozen=True)
class Diff:
    """What differs. C(action) is C(create), C(update), C(remove) or C(none)."""

    action: str
    changes: Tuple[Change, ...] = ()
    children: Tuple[ChildChange, ...] = ()
    file: Optional[FileChange] = None

    @property
    def empty(self) -> bool:
        return self.action == "none"


def change_of(want: DesiredField, row: Optional[Row]) -> Optional[Change]:
    """The change that an option asks for; C(None) when it is so already."""
    current = None if row is None else row.get(want.field.api)
    codec = want.field.codec
    after = want.value
    built = codec.kept is not None
    if want.merge and codec.merge is not None:
        built = True
        try:
            after = codec.merge(want.value, current)
        except ValueError as exc:
            raise OptionError("%s: %s" % (dotted(want.path), exc)) from None
    if row is not None and want.field.same(after, current):
        return None
    if codec.kept is not None:
        after = codec.kept(after, current)
    return Change(want.path, want.field, current, after, built)


def is_needed(field: Field, words: Mapping[str, Any]) -> bool:
    """Whether a field must be set, given its neighbours in the user's words."""
    if isinstance(field.needed, tuple):
        return words.get(field.needed[0]) in field.needed[1:]
    return field.needed


def condition(field: Field, words: Mapping[str, Any]) -> Tuple[str, Any]:
    """The neighbour that makes a field needed, and its word."""
    option = field.needed[0] if isinstance(field.needed, tuple) else ""
    return option, words.get(option)
