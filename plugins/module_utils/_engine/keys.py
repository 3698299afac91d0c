# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which row of a resource a child is: that of its ID, or of its natural key."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, List, Mapping, Optional, Sequence, Tuple

from .._errors import Ambiguous, NotFoundError
from .._model.child import Child
from .._values.codec import is_empty
from .desired import Item, natural_key

Row = Mapping[str, Any]


def find_one(
    child: Child,
    wants: Item,
    rows: Sequence[Row],
    resource_id: Optional[str],
    names: Mapping[str, str] = MappingProxyType({}),
) -> Optional[Row]:
    """The row of an ID, or of a natural key.

    :raises NotFoundError: no row has the ID.
    :raises Ambiguous: several rows have the natural key; the message lists the IDs.
    """
    found = matching(child, wants, rows, resource_id)
    if resource_id is not None and not found:
        raise NotFoundError("%s: there is no %s %r" % (child.id_option, child.singular, resource_id))
    if resource_id is None and len(found) > 1:
        ids = sorted(str(item.get(child.id_key)) for item in found)
        raise Ambiguous(
            "%d %s are for %s: %s"
            % (len(ids), child.option, label_of(child, natural_key(child, wants), names), ", ".join(ids)),
            hint="Give its %s, or remove the others." % child.id_option,
            details={"ids": ids},
        )
    return found[0] if found else None


def matching(child: Child, wants: Item, rows: Sequence[Row], resource_id: Optional[str] = None) -> List[Row]:
    """The rows of an ID, or else of the natural key of what is stated. A part that is not stated can be any."""
    if resource_id is not None:
        return [row for row in rows if row.get(child.id_key) == resource_id]
    key = natural_key(child, wants)
    return [row for row in rows if all(want is None or want == part for want, part in zip(key, row_key(child, row)))]


def row_key(child: Child, row: Row) -> Tuple[Any, ...]:
    """The natural key of a row as a user would state it, with defaults."""
    return tuple(
        (value if field.default is None else field.default) if is_empty(value) else field.codec.to_api(value)
        for field, value in ((field, row.get(field.api)) for field in child.key_fields)
    )


def label_of(child: Child, key: Sequence[Any], names: Mapping[str, str] = MappingProxyType({})) -> str:
    """A natural key in messages and diffs; of IDs the names, as far as they are known."""
    stated = (part for part in key if part is not None)
    return child.joint.join(filter(None, (str(names.get(part, part)).strip(child.joint) for part in stated)))
