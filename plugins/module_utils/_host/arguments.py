# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Arguments that are refused before Ansible validates them; each check yields complaints.

With some of them Ansible ends in a traceback, silently converts them to another value, or names an option without its
place and without the options that may be meant (ansible-core 2.15 to 2.21). Both hosts check here first.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
from typing import Any, Iterable, Iterator, List, Mapping, Optional, Tuple

from ansible.module_utils.common.validation import check_type_dict

from .._engine.runner import Operation
from .._errors import close_names, kind_of, suggested
from .._model.argspec import Spec, names_of
from .._secrets.patterns import one_line
from .._values.codec import size_problem, text_problem

# The largest number that JSON and the database preserve, and the longest time in seconds.
LARGEST, LONGEST_TIME = 2**53 - 1, 10**9
# Longer than any ID of Dokploy, and short enough for an address.
LONGEST_ID = 255

_LISTS = (list, tuple, set)


def first_complaint(operation: Operation, arguments: Any) -> Optional[str]:
    """The first complaint about arguments as in a task, which names the option and shows no value; C(None): none."""
    complaint = next(_options(operation, operation.argument_spec, operation.rules, arguments, ""), None)
    return None if complaint is None else one_line(complaint)


def _options(
    operation: Operation, spec: Spec, rules: Mapping[str, Any], values: Mapping[Any, Any], place: str
) -> Iterator[str]:
    yield from unsupported(operation.name, operation.argument_spec, spec, values, place)
    names = names_of(spec)
    for key, value in values.items():
        if value is None or key not in names:
            continue
        described, path = spec[names[key]], _at(place, key)
        if not described.get("options"):
            yield from _sendable(value, path)
            yield from _leaf(described, value, path, operation.forms)
            yield from _chosen(described, value, path, operation.others)
        elif described["type"] != "list":
            yield from _mapping(operation, described, value, path)
        elif isinstance(value, (Mapping, str, *_LISTS)):
            # Ansible takes a mapping for a list of one, and text for a list with commas.
            items = [value] if isinstance(value, Mapping) else value.split(",") if isinstance(value, str) else value
            for number, item in enumerate(items):
                yield from _mapping(operation, described, item, "%s[%d]" % (path, number))
        else:
            yield "%s is %s; it takes a list of mappings" % (path, kind_of(value))
    yield from broken(rules, spec, values, place)


def _mapping(operation: Operation, described: Spec, value: Any, path: str) -> Iterator[str]:
    if isinstance(value, str):
        yield from _about(path, text_problem(value))
        # Ansible also takes JSON, and "a=1 b=2".
        with contextlib.suppress(TypeError, ValueError, RecursionError):
            value = check_type_dict(str(value))
    if isinstance(value, Mapping):
        yield from _options(operation, described["options"], described, value, path)
    else:
        yield "%s is %s; it takes a mapping of suboptions" % (path, kind_of(value))


def unsupported(module: str, whole: Spec, spec: Spec, values: Mapping[Any, Any], place: str) -> Iterator[str]:
    """The complaint about options that do not exist, with those that may be meant.

    :param whole: all options of the module, among them suboptions that may be set in the wrong place.
    :param spec: the options that may be set at this place: C(mounts[0]), or empty.
    """
    names = names_of(spec)
    unknown = [str(key) for key in values if key not in names and not str(key).startswith("_ansible_")]
    if unknown:
        meant: List[str] = []
        for name in unknown:
            meant += [_at(place, one) for one in close_names(name, names)]
            meant += [path for path, last in _paths(whole, "") if last == name]
        hint = suggested(meant) if meant else "Supported parameters include: %s." % ", ".join(sorted(names))
        text = "Unsupported parameters for (community.dokploy.%s) module: %s. %s"
        yield text % (module, _all(unknown, place), hint)


def _paths(spec: Spec, place: str) -> Iterator[Tuple[str, str]]:
    """Every option with its place: C((domains[].host, host))."""
    for name, one in spec.items():
        path = _at(place, name)
        yield path, name
        yield from _paths(one.get("options") or {}, path + ("[]" if one["type"] == "list" else ""))


def broken(rules: Mapping[str, Any], spec: Spec, values: Mapping[Any, Any], place: str) -> Iterator[str]:
    """Complaints about options that are required, and about rules between options. Null counts as not set."""
    names = names_of(spec)
    written = {names[key]: key for key, value in values.items() if key in names and value is not None}
    # An option with a fallback may be set in the environment.
    required = [name for name, one in spec.items() if one.get("required") and "fallback" not in one]
    missing = [name for name in required if name not in written]
    if missing:
        yield "missing required arguments: %s" % _all(missing, place)
    for exclusive in rules.get("mutually_exclusive") or ():
        given = [_at(place, written[name]) for name in exclusive if name in written]
        if len(given) > 1:
            yield "%s are mutually exclusive" % " and ".join(given)
    for ways in rules.get("required_one_of") or ():
        if written.keys().isdisjoint(ways):
            yield "one of the following is required: %s" % _all(ways, place)
    for option, value, needed in rules.get("required_if") or ():
        missing = [name for name in needed if name not in written]
        if values.get(written.get(option)) == value and missing:
            text = "%s is %s but all of the following are missing: %s"
            yield text % (_at(place, option), value, _all(missing, place))


def _all(names: Iterable[str], place: str) -> str:
    return ", ".join(_at(place, name) for name in names)


def _at(place: str, name: Any) -> str:
    return "%s.%s" % (place, name) if place else str(name)


def _sendable(value: Any, path: str) -> Iterator[str]:
    """Whether a value of any form can be sent to a module and to the server."""
    size = 0
    for one, is_key in _parts(value):
        if is_key and not isinstance(one, (str, int, float, type(None))):
            # Ansible cannot send it to a module, as a bare date in YAML.
            yield "%s has a key that is not text; put it in quotes" % path
        if isinstance(one, (bytes, bytearray)):
            yield "%s contains bytes that are not UTF-8 text" % path
        elif isinstance(one, str):
            yield from _about(path, text_problem(one))
        size += len(json.dumps(str(one))) if isinstance(one, str) else 1
    yield from _about(path, size_problem(size))


def _parts(value: Any) -> Iterator[Tuple[Any, bool]]:
    """Everything in a value, and whether it is a key."""
    if isinstance(value, Mapping):
        yield from ((key, True) for key in value)
        value = list(value.values())
    if isinstance(value, _LISTS):
        for one in value:
            yield from _parts(one)
    else:
        yield value, False


def _about(path: str, problem: Optional[str]) -> Iterator[str]:
    if problem is not None:
        yield "%s %s" % (path, problem)


def _leaf(described: Spec, value: Any, path: str, forms: Mapping[str, str]) -> Iterator[str]:
    kind, elements = described["type"], described.get("elements")
    form = forms.get(re.sub(r"\[\d+\]", "", path), "")
    if kind == "list":
        if form and isinstance(value, str) and re.search(r"[\s,]", value):
            yield "%s is text that contains whitespace or commas; it takes a list%s" % (path, form)
        for number, item in enumerate(value if isinstance(value, _LISTS) else [value]):
            yield from _scalar(elements, item, "%s[%d]" % (path, number), "")
    else:
        yield from _scalar(kind, value, path, form)


def _chosen(described: Spec, value: Any, path: str, others: Mapping[str, str]) -> Iterator[str]:
    """Whether a value is one of the choices, where there is a reason for there being no others."""
    if path in others and value not in described["choices"] and not isinstance(value, (Mapping, *_LISTS)):
        choices = ", ".join(map(repr, described["choices"]))
        yield "%s is %r; it must be one of %s. %s" % (path, value, choices, others[path])


def _scalar(kind: Optional[str], value: Any, path: str, form: str) -> Iterator[str]:
    if kind in ("str", "path") and isinstance(value, (Mapping, *_LISTS)):
        # Ansible converts it to text in Python's notation.
        yield "%s is %s; it takes text%s" % (path, kind_of(value), form)
    elif kind == "str" and path.endswith("_id") and len(str(value)) > LONGEST_ID:
        yield "%s has %d characters; an ID has at most %d" % (path, len(str(value)), LONGEST_ID)
    if kind not in ("int", "float"):
        return
    if isinstance(value, bool):
        # YAML reads yes and on as true, which Ansible takes for 1.
        yield "%s is true or false; it takes a number" % path
    try:
        number = value if isinstance(value, int) else float(value)
    except (TypeError, ValueError, OverflowError):
        return  # Ansible says so itself.
    low, high = (-LARGEST, LARGEST) if kind == "int" else (0, LONGEST_TIME)
    if isinstance(number, float) and not math.isfinite(number):
        yield "%s is not a finite number" % path
    elif not low <= number <= high:
        yield "%s is out of range; it must be between %d and %d" % (path, low, high)
