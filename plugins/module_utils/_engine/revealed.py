# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The secrets that results have with C(include_secrets)."""

from __future__ import annotations

from typing import Any, Callable, Iterator, Set

from .._model.argspec import field_spec, is_secret_by_itself
from .._model.resource import Resource
from .._secrets.masking import HIDDEN, credentials_in, worth_hiding
from .._values.codec import GENERATED
from .._values.nested import texts_at


def revealing_names(*resources: Resource) -> Set[str]:
    """The names of the options and results of these resources that are secrets by themselves."""
    names: Set[str] = set()
    for resource in resources:
        fields = [field for _path, field, _group in resource.fields()]
        fields += [field for child in resource.children for field in child.fields]
        fields += [part for field in fields for part in field.parts]
        names.update(field.name for field in fields if field.returned and is_secret_by_itself(field_spec(field)))
        names.update(resource.creation.shown_once)
    return names


def revealed(value: Any, is_secret: Callable[[str], bool]) -> Iterator[str]:
    """The secrets in a result: the texts under keys that C(is_secret) names, and the credentials in URLs."""
    for path, text in texts_at(value):
        # A diff shows that a secret differs, and no value: of an API key, its name.
        if path[0] != "diff" and text != GENERATED and not text.startswith(HIDDEN):
            is_named = isinstance(path[-1], str) and is_secret(path[-1])
            yield from filter(worth_hiding, [text] if is_named else credentials_in(text))
