# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""How values are converted between a playbook and Dokploy: one codec for each kind of value.

A codec converts an option's value, which Ansible has validated, to the API's value, compares two API values, and shows
an API value in the user's terms. Null, C("") and an empty list are the same throughout, since the web interface clears
to C("") and the API to null (measured on Dokploy 0.30.2).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any, Callable, Dict, Mapping, Optional, Tuple

from .._errors import kind_of, why_unreadable
from .._secrets.masking import hide_credentials
from . import dotenv
from .schema import SCALAR, Shape, map_of
from .schema import TEXT as TEXT_SHAPE

# What results of check mode show for a value that only the server can choose. Null would be another statement: a
# variable that is null in a later task is removed.
GENERATED = "(generated)"

# A reference of a document (C(_manifest.reference_text)), as it is or as a filter has encoded it.
_REFERENCE = re.compile(r"(\0|\\+u0000|\\+0|%00)reference\1")

# Next.js refuses a body of more than a megabyte, and a request is more than the value.
_MOST_BYTES = 1024 * 1024 - 1024


def _identity(value: Any) -> Any:
    return value


def _same(wanted: Any, current: Any) -> bool:
    return bool(wanted == current) or (is_empty(wanted) and is_empty(current))


def is_empty(value: Any) -> bool:
    """Whether a value is null, empty text, or an empty list or mapping. C(0) and C(False) are not empty."""
    return value is None or (isinstance(value, (str, list, tuple, dict)) and not value)


@dataclass(frozen=True)
class Codec:
    """One kind of value.

    :param type: Ansible's type of the option.
    :param to_api: the API's value for the user's; raises C(ValueError), whose message completes "option X: ...".
    :param same: whether a wanted API value and a current one mean the same.
    :param shown: an API value in the user's terms.
    :param empty: the API value that clears.
    :param merge: a value of the option merged into the current API value, for kinds with a merge mode.
    :param edited: the current API value with what a wanted one changes in it, where the option takes a mapping whose
        parts are in a text with more than these.
    :param masked: how two secret values are shown in a diff; by default only that they differ.
    :param ordered: for a list of objects: whether another order is another value.
    :param kept: a wanted API value with the parts of the current one that always stay.
    :param ignored: which part of an API value the server ignores, in words for a warning; empty if it ignores none.
    :param stored: the shape of the API's value, if it does not follow from the type (see C(_model.responses)).
    :param contents: the text is what a file contains.
    """

    type: str
    elements: Optional[str] = None
    to_api: Callable[[Any], Any] = _identity
    same: Callable[[Any, Any], bool] = _same
    shown: Callable[[Any], Any] = _identity
    empty: Any = ""
    merge: Optional[Callable[[Any, Any], Any]] = None
    edited: Optional[Callable[[Any, Any], Any]] = None
    masked: Optional[Callable[[Any, Any], Tuple[Any, Any]]] = None
    ordered: bool = False
    kept: Optional[Callable[[Any, Any], Any]] = None
    ignored: Callable[[Any], str] = lambda value: ""
    stored: Optional[Shape] = None
    contents: bool = False


def _text_shown(value: Any) -> Any:
    return "" if value is None else value


def _list_shown(value: Any) -> Any:
    return list(value or [])


def _same_prefix(wanted: Any, current: Any) -> bool:
    """Dokploy lower-cases the wanted C(appName) and appends C(-) and six random characters."""
    name, stored = str(wanted).lower(), str(current or "").lower()
    return stored == name or bool(re.match(re.escape(name) + r"-[a-z0-9]{6}\Z", stored))


TEXT = Codec(type="str", shown=_text_shown)
IDENTIFIER = Codec(type="str", empty=None, shown=_text_shown)
# Texts in their order, and in any order.
WORDS = Codec("list", "str", shown=_list_shown, empty=[])
PATH_LIST = replace(WORDS, same=lambda wanted, current: sorted(wanted or []) == sorted(current or []))
URL = Codec(type="str", shown=lambda v: hide_credentials(v or ""), stored=TEXT_SHAPE)
# Dokploy stores null for some booleans, and reads it as false.
BOOLEAN = Codec(type="bool", same=lambda wanted, current: bool(wanted) is bool(current), shown=bool)
INTEGER = Codec(type="int", empty=None)
# A number that is 0 if it is null.
COUNT = Codec(type="int", same=lambda wanted, current: (wanted or 0) == (current or 0), shown=lambda v: v or 0)
PREFIX = Codec(type="str", same=_same_prefix)


def _quotes_ignored(value: Any) -> str:
    """Dokploy splits a command at each blank (source of 0.30.2), so that C(sh -c 'a; b') ends with "unterminated quoted
    string" in the container (measured)."""
    if not isinstance(value, str) or not re.search("[\"'].*\\s", value, re.DOTALL):
        return ""
    return "Dokploy splits it at each blank, also between quotes. Put arguments with blanks into args"


#: The program to run, without arguments that have blanks.
COMMAND = replace(TEXT, ignored=_quotes_ignored)
# Objects with suboptions (C(Field.parts)); null clears them.
OBJECT = Codec(type="dict", empty=None)
OBJECTS = Codec(type="list", elements="dict", empty=None)


def text_problem(text: str) -> Optional[str]:
    """Why Dokploy cannot store a text, as the end of a sentence; C(None) if it can."""
    if "reference" in text and _REFERENCE.search(text):
        return "contains a reference; only documents of dokploy_manifest take it, encoded by no filter but to_json"
    if "\0" in text:
        return "contains a NUL character, which Dokploy's database cannot store"
    if text != text.encode("utf-8", errors="replace").decode("utf-8"):
        return "contains bytes that are not UTF-8 text"
    return None


def size_problem(size: int) -> Optional[str]:
    """The same for the size of a value as JSON."""
    return "has %d bytes as JSON; Dokploy accepts at most 1 MB in a request" % size if size > _MOST_BYTES else None


def file_text(path: Any) -> str:
    """The text of a file on the host that runs the module; raises C(ValueError) if Dokploy cannot store it."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            text = file.read()
    except OSError as exc:
        raise ValueError("%s cannot be read: %s" % (path, why_unreadable(exc, path))) from None
    problem = text_problem(text) or size_problem(len(json.dumps(text)))
    if problem is not None:
        raise ValueError("%s %s" % (path, problem))
    return text


FILE = Codec(type="path", to_api=file_text)


def texts(value: Mapping[Any, Any]) -> Dict[str, Optional[str]]:
    """A mapping with text for the values that YAML read as numbers and booleans."""
    converted: Dict[str, Optional[str]] = {}
    for name, item in value.items():
        # The words are keys of a mapping in JSON that were not text in YAML.
        if name is None or isinstance(name, bool) or name in ("true", "false", "null"):
            raise ValueError("a key is named %r; YAML reads yes, no, on and off so: quote it" % str(name))
        if isinstance(item, (dict, list, tuple, set)):
            label = dotenv.shown_name(str(name))
            raise ValueError("the value of %s is %s; it must be text" % (label, kind_of(item)))
        if isinstance(item, bool):
            item = "true" if item else "false"
        converted[str(name)] = None if item is None else str(item)
    return converted


def text_map(value: Mapping[Any, Any]) -> Dict[str, str]:
    """A mapping with text for all values; raises C(ValueError) for a list or mapping."""
    return {name: item or "" for name, item in texts(value).items()}


TEXT_MAP = Codec(type="dict", to_api=text_map, shown=lambda v: dict(v or {}), empty=None, stored=map_of(SCALAR))

# The label with the fingerprint of the last deployment (see C(_deployment.fingerprint)), that with the mark of restored
# data (see C(_resources.recovery.mark)), that with what ran before (see C(_deployment.earlier)), and that with the lock
# of something that takes several tasks (see C(_resources.recovery.lock)).
FINGERPRINT_LABEL, DATA_LABEL = "community.dokploy.deployment", "community.dokploy.data"
EARLIER_LABEL, LOCK_LABEL = "community.dokploy.earlier", "community.dokploy.lock"
#: The labels that the collection keeps for itself.
OWN_LABELS = (FINGERPRINT_LABEL, DATA_LABEL, EARLIER_LABEL, LOCK_LABEL)


def stated_labels(value: Any) -> Dict[str, str]:
    """The labels without those that the collection keeps for itself."""
    return {name: text for name, text in (value or {}).items() if name not in OWN_LABELS}


def own_label(name: str, value: Any) -> str:
    """The text of one of C(OWN_LABELS), C("") if there is none."""
    return str((value or {}).get(name) or "")


def with_own_label(name: str, value: Any, text: str) -> Optional[Dict[str, str]]:
    """The labels with another text of one of C(OWN_LABELS), or without it if C(text) is empty."""
    others = {other: kept for other, kept in (value or {}).items() if other != name}
    return {**others, **({name: text} if text else {})} or None


def keeping_own_labels(wanted: Any, current: Any) -> Optional[Dict[str, str]]:
    """The wanted labels with those of C(OWN_LABELS) that there are."""
    return {
        **stated_labels(wanted),
        **{name: text for name, text in (current or {}).items() if name in OWN_LABELS},
    } or None


def secret_values(value: Any) -> Tuple[str, ...]:
    """Every text in the value of a secret option, and the values of the variables in environment text."""
    if isinstance(value, (Mapping, list, tuple)):
        items = value.values() if isinstance(value, Mapping) else value
        return tuple(text for item in items for text in secret_values(item))
    if isinstance(value, str):
        # Without one of these a text sets no variable.
        variables = dotenv.parse(value) if "=" in value or ":" in value else {}
        return (value, *filter(None, variables.values()))
    return () if value is None or isinstance(value, bool) else (str(value),)
