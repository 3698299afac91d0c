# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""How values travel between a playbook and Dokploy: one codec a kind of value.

A codec turns what the user wrote into what the API takes, tells whether two API values are the same thing, and shows
an API value in the user's terms. Null, C("") and an empty list are one and the same throughout, since the web page
clears to C("") and the API to null (measured on Dokploy 0.30.2).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Callable, Dict, Mapping, Optional, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._secrets.patterns import HIDDEN, hide_credentials
from ansible_collections.community.dokploy.plugins.module_utils._values import dotenv
from ansible_collections.community.dokploy.plugins.module_utils._values.hints import why_unreadable
from ansible_collections.community.dokploy.plugins.module_utils._values.schema import SCALAR, Shape, map_of
from ansible_collections.community.dokploy.plugins.module_utils._values.schema import TEXT as TEXT_SHAPE

# Next.js refuses a body of more than a megabyte; something of it is around the value.
MOST_BYTES = 1024 * 1024 - 1024


def _identity(value: Any) -> Any:
    return value


def _same(wanted: Any, current: Any) -> bool:
    return bool(wanted == current) or (is_empty(wanted) and is_empty(current))


def is_empty(value: Any) -> bool:
    """Whether a value says nothing: null, empty text, an empty list or mapping. C(0) and C(False) do say something."""
    return value is None or (isinstance(value, (str, list, tuple, dict)) and not value)


@dataclass(frozen=True)
class Codec:
    """One kind of value.

    :param type: Ansible's type of the option; C(elements) likewise.
    :param to_api: the user's value as the API takes it; raises C(ValueError) whose words complete "option X: ...".
    :param same: whether a wanted API value and one that was read mean the same.
    :param shown: an API value in the user's terms.
    :param empty: what is written to clear the value.
    :param merge: the API value of a partial statement on top of the current one, for kinds that have a merge mode.
    :param masked: how two values are shown in a diff when they are secret; the default says only that they differ.
    :param ordered: of a list of objects: whether another order is another value.
    :param kept: a wanted value with what of the current one stays whatever is stated.
    :param stored: what the API's value is, where that does not follow from the type (see C(_model.responses)).
    """

    type: str
    elements: Optional[str] = None
    to_api: Callable[[Any], Any] = _identity
    same: Callable[[Any, Any], bool] = _same
    shown: Callable[[Any], Any] = _identity
    empty: Any = ""
    merge: Optional[Callable[[Any, Any], Any]] = None
    masked: Optional[Callable[[Any, Any], Tuple[Any, Any]]] = None
    ordered: bool = False
    kept: Optional[Callable[[Any, Any], Any]] = None
    stored: Optional[Shape] = None


# --- plain values ----------------------------------------------------------------------------------------------------


def _text_shown(value: Any) -> Any:
    return "" if value is None else value


def _url_shown(value: Any) -> Any:
    return hide_credentials(value or "")


def _same_bool(wanted: Any, current: Any) -> bool:
    # Nullable booleans keep null, which JavaScript reads as false.
    return bool(wanted) is bool(current)


def _list(value: Any) -> Any:
    return [str(item) for item in value]


def _same_set(wanted: Any, current: Any) -> bool:
    return sorted(wanted or []) == sorted(current or [])


def _same_prefix(wanted: Any, current: Any) -> bool:
    """Dokploy lower-cases the wanted C(appName) and appends C(-) and six random characters."""
    name = str(wanted).lower()
    return current == name or bool(re.match(re.escape(name) + r"-[a-z0-9]{6}\Z", str(current or "")))


TEXT = Codec(type="str", shown=_text_shown)
IDENTIFIER = Codec(type="str", empty=None, shown=_text_shown)
PATH_LIST = Codec(type="list", elements="str", to_api=_list, same=_same_set, shown=lambda v: list(v or []), empty=[])
WORDS = Codec(type="list", elements="str", to_api=_list, shown=lambda v: list(v or []), empty=[])
URL = Codec(type="str", shown=_url_shown, stored=TEXT_SHAPE)
BOOLEAN = Codec(type="bool", same=_same_bool, shown=bool)
INTEGER = Codec(type="int", empty=None)
# A number for which null means 0.
COUNT = Codec(type="int", same=lambda wanted, current: (wanted or 0) == (current or 0), shown=lambda v: v or 0)
NUMBER = Codec(type="float", empty=None)
PREFIX = Codec(type="str", same=_same_prefix)
# Objects of the API with suboptions of their own (C(Field.parts)); null clears them.
OBJECT = Codec(type="dict", empty=None)
OBJECTS = Codec(type="list", elements="dict", empty=None)


def _file_text(path: Any) -> str:
    try:
        with open(path, encoding="utf-8", newline="") as file:
            text = file.read()
    except UnicodeDecodeError:
        raise ValueError("%s holds bytes that are no UTF-8 text" % path) from None
    except OSError as exc:
        raise ValueError("%s cannot be read: %s" % (path, why_unreadable(exc, path))) from None
    if "\0" in text:
        raise ValueError("%s holds a NUL character, which Dokploy's database cannot store" % path)
    size = len(json.dumps(text))
    if size > MOST_BYTES:
        raise ValueError("%s has %d bytes as JSON; Dokploy takes at most 1 MB in one request" % (path, size))
    return text


def _ended(value: Any) -> str:
    text = str(value or "")
    return text if not text or text.endswith("\n") else text + "\n"


def _same_lines(wanted: Any, current: Any) -> bool:
    return _ended(wanted) == _ended(current)


# Text that the server ends with a line break at an update, and keeps as it is at a creation (measured on 0.30.2).
LINES = Codec(type="str", to_api=_ended, same=_same_lines, shown=_text_shown)
# The text of a file, read where the module runs.
LINES_FILE = Codec(type="path", to_api=lambda path: _ended(_file_text(path)), same=_same_lines)
FILE = Codec(type="path", to_api=_file_text)


def text_map(value: Any) -> Dict[str, str]:
    """A mapping whose values are text for the API, where YAML made numbers and booleans of them.

    :raises ValueError: a value is no text at all.
    """
    found: Dict[str, str] = {}
    for name, item in value.items():
        if str(name).lower() in _YAML_WORDS:
            raise ValueError("a key is named %r; YAML reads a bare yes, no, on or off so: choose another" % str(name))
        if isinstance(item, (dict, list, tuple)):
            raise ValueError("the value of %r is a %s; it must be text" % (str(name), type(item).__name__))
        found[str(name)] = (
            ("true" if item else "false") if isinstance(item, bool) else str("" if item is None else item)
        )
    return found


TEXT_MAP = Codec(type="dict", to_api=text_map, shown=lambda v: dict(v or {}), empty=None, stored=map_of(SCALAR))


# --- environment text ------------------------------------------------------------------------------------------------


# What JSON makes of a mapping's keys that YAML does not take for text.
_YAML_WORDS = ("true", "false", "null")


def _variables(value: Mapping[Any, Any]) -> Dict[str, Optional[str]]:
    """The variables of a mapping as text; null stands for 'not there'."""
    found: Dict[str, Optional[str]] = {}
    for name, content in value.items():
        if name in _YAML_WORDS:
            raise ValueError("a variable is named %r; YAML reads a bare YES, NO, ON or OFF so: quote the name" % name)
        if isinstance(content, (dict, list, tuple, set)):
            raise ValueError(
                "the value of %s is a %s; a variable holds text"
                % (dotenv.shown_name(str(name)), type(content).__name__)
            )
        if isinstance(content, bool):
            content = "true" if content else "false"
        found[str(name)] = None if content is None else str(content)
    return found


def _env_to_api(value: Any) -> str:
    if isinstance(value, Mapping):
        return dotenv.render({k: v for k, v in _variables(value).items() if v is not None})
    if isinstance(value, str):
        return value
    raise ValueError("takes a mapping of variables or environment text, not a %s" % type(value).__name__)


def _env_merge(value: Any, current: Any) -> str:
    if isinstance(value, str):
        return dotenv.merge(current, dotenv.parse(value))
    if isinstance(value, Mapping):
        return dotenv.merge(current, _variables(value))
    return _env_to_api(value)


def _env_same(wanted: Any, current: Any) -> bool:
    return dotenv.parse(wanted) == dotenv.parse(current)


def _env_masked(before: Any, after: Any) -> Tuple[Any, Any]:
    """Names only. Those that stay as they are stand on both sides, so that one more does not look like the first."""
    old, new = dotenv.parse(before), dotenv.parse(after)
    differing = {name for name in old if name in new and old[name] != new[name]}
    return (
        {name: "%s old" % HIDDEN if name in differing else HIDDEN for name in sorted(old)},
        {name: "%s new" % HIDDEN if name in differing else HIDDEN for name in sorted(new)},
    )


ENV = Codec(
    type="raw",
    to_api=_env_to_api,
    stored=TEXT_SHAPE,
    same=_env_same,
    shown=dotenv.parse,
    merge=_env_merge,
    masked=_env_masked,
)


def secret_values(value: Any) -> Tuple[str, ...]:
    """Every text that a secret option's value holds, environment text also taken apart."""
    if isinstance(value, Mapping):
        return tuple(text for item in value.values() for text in secret_values(item))
    if isinstance(value, (list, tuple)):
        return tuple(text for item in value for text in secret_values(item))
    if isinstance(value, str):
        return (value,) + tuple(v for v in dotenv.parse(value).values() if v)
    if value is None or isinstance(value, bool):
        return ()
    return (str(value),)
