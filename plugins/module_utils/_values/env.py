# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The codec of environment text: a mapping of variables, or the text itself."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Tuple

from .._errors import enumerated, kind_of
from .._secrets.masking import HIDDEN
from . import dotenv, dotenv_edit
from .codec import Codec, texts
from .schema import TEXT as TEXT_SHAPE


def _variables(value: Any) -> Mapping[str, Optional[str]]:
    if isinstance(value, str):
        return dotenv.parse(value)
    if isinstance(value, Mapping):
        return texts(value)
    raise ValueError("it must be a mapping of variables or environment text, not %s" % kind_of(value))


def _env_to_api(value: Any) -> str:
    if isinstance(value, str):
        return value
    return dotenv.render({name: text for name, text in _variables(value).items() if text is not None})


def _env_masked(before: Any, after: Any) -> Tuple[Any, Any]:
    """The names only, those of unchanged variables as well: otherwise an added one would look like the first."""
    old, new = dotenv.parse(before), dotenv.parse(after)
    differing = {name for name in old if name in new and old[name] != new[name]}

    def masked(variables: Mapping[str, str], age: str) -> Dict[str, str]:
        return {name: "%s %s" % (HIDDEN, age) if name in differing else HIDDEN for name in sorted(variables)}

    return masked(old, "old"), masked(new, "new")


def _env_ignored(value: Any) -> str:
    # What is merged is a mapping.
    numbers = [str(number) for number in dotenv.ignored_lines(value)] if isinstance(value, str) else []
    if not numbers:
        return ""
    if len(numbers) == 1:
        return "line %s sets no variable, and Dokploy ignores it" % numbers[0]
    return "lines %s set no variables, and Dokploy ignores them" % enumerated(numbers, 5)


ENV = Codec(
    type="raw",
    ignored=_env_ignored,
    to_api=_env_to_api,
    stored=TEXT_SHAPE,
    same=lambda wanted, current: dotenv.parse(wanted) == dotenv.parse(current),
    shown=dotenv.parse,
    merge=lambda value, current: dotenv_edit.merge(current, _variables(value)),
    edited=lambda wanted, current: dotenv_edit.replace(current, dotenv.parse(wanted)),
    masked=_env_masked,
)
