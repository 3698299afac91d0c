# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a service is deployed from: the source that its row selects."""

from __future__ import annotations

from typing import Any, List, Mapping, Sequence

from .._model.field import Field, Group
from .._model.resource import Resource
from .._values.codec import is_empty

Row = Mapping[str, Any]


def selected_source(resource: Resource, row: Row) -> Sequence[Field]:
    """The fields of the selected source, after the one that selects it."""
    for option in resource.options:
        if isinstance(option, Group) and option.selects is not None:
            selector, chosen = option.selects
            if row.get(selector.api) == chosen:
                return (selector, *option.fields)
    return ()


def sources_of(resource: Resource) -> List[str]:
    """The options of the sources, of which one is selected."""
    return [option.name for option in resource.options if isinstance(option, Group) and option.selects is not None]


def clones_from(resource: Resource, row: Row) -> bool:
    """Whether the selected source is a repository."""
    return any(field.name == "branch" for field in selected_source(resource, row))


def has_source(resource: Resource, row: Row) -> bool:
    """Whether there is something to deploy: the fields that the selected source needs are set."""
    needed = [field for field in selected_source(resource, row) if field.needed]
    return bool(needed) and not any(is_empty(row.get(field.api)) for field in needed)
