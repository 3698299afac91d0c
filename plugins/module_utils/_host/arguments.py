# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Arguments that are refused before Ansible looks at them.

Ansible's own validation, its way of sending arguments to a module and its log break with a traceback at some of them,
take for a number what is none, or say what is wrong without saying where (ansible-core 2.15 to 2.21). Both hosts ask
here first, the action also for the module, so that all say the same.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Iterator, Mapping, Optional, Tuple

from ansible.module_utils.common.validation import check_type_dict

from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Operation
from ansible_collections.community.dokploy.plugins.module_utils._host.argument_rules import broken, unsupported
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import Spec
from ansible_collections.community.dokploy.plugins.module_utils._secrets.patterns import one_line
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import MOST_BYTES

# How deep values may be nested. Ansible walks through them by recursion, and Dokploy's own are not half as deep.
MOST_LEVELS = 64
# Ids have 21 characters, words of Ansible's some more; what is longer does not fit into the address of a request.
LONGEST_ID = 255
_TEXTS = ("str", "path")
# Numbers that all that is between here and a database column can keep. Times are in seconds.
LARGEST, LONGEST_TIME = 2**53 - 1, 10**9


class _Misfit(Exception):
    """Carries the words out of the walk; nobody but C(misfit) sees it."""


def misfit(operation: Operation, arguments: Any) -> Optional[str]:
    """Why these arguments cannot be, in words that name the option and show no value; C(None): Ansible may judge them.

    :param arguments: as a task or a module has them, not yet converted.
    """
    try:
        _Walk(operation).options(operation.rules, operation.argument_spec, arguments, "")
    except _Misfit as found:
        return one_line(str(found))
    return None


class _Walk:
    """Visits the options and suboptions of one operation.

    :raises _Misfit: by each method.
    """

    def __init__(self, operation: Operation) -> None:
        self._operation = operation

    def options(self, rules: Mapping[str, Any], spec: Spec, values: Mapping[Any, Any], place: str) -> None:
        for key in values:
            _key(key, place or "the task")
        self._judge(unsupported(self._operation.name, self._operation.argument_spec, spec, values, place))
        names = {alias: name for name, one in spec.items() for alias in one.get("aliases") or ()}
        for key, value in values.items():
            path = "%s.%s" % (place, key) if place else str(key)
            described = spec.get(names.get(key, key))
            if value is None:
                continue
            if described is None or not described.get("options"):
                _plain(value, path)
                _leaf(described or {}, value, path, self._operation.forms)
            elif described["type"] == "list":
                for number, item in enumerate(_list(value, path)):
                    self._mapping(described, item, "%s[%d]" % (path, number))
            else:
                self._mapping(described, value, path)
        self._judge(broken(rules, spec, values, place))

    def _judge(self, complaint: Optional[str]) -> None:
        if complaint is not None:
            raise _Misfit(complaint)

    def _mapping(self, described: Spec, value: Any, path: str) -> None:
        """Ansible also takes a mapping as JSON text and as C(a=1 b=2)."""
        if isinstance(value, str):
            _text(value, path)
            try:
                value = check_type_dict(str(value))
            except (TypeError, ValueError, RecursionError):
                value = str(value)
        if not isinstance(value, Mapping):
            raise _Misfit("%s is %s; it takes a mapping of suboptions" % (path, _kind(value)))
        self.options(described, described["options"], value, path)


def _list(value: Any, path: str) -> Any:
    if isinstance(value, Mapping):
        return [value]
    if isinstance(value, (list, tuple, set)):
        return value
    if isinstance(value, str):
        return value.split(",")
    raise _Misfit("%s is %s; it takes a list of mappings" % (path, _kind(value)))


# --- values ----------------------------------------------------------------------------------------------------------


def _plain(value: Any, path: str) -> None:
    """A value of any form is such that it can be sent, to a module and to the server."""
    size = 0
    for kind, one in _all(value, path):
        if kind == "key":
            _key(one, path)
        size += _text(one, path) if isinstance(one, str) else 1
        if isinstance(one, (bytes, bytearray)):
            raise _Misfit("%s holds bytes that are no UTF-8 text" % path)
    if size > MOST_BYTES:
        raise _Misfit("%s has %d bytes as JSON; Dokploy takes at most 1 MB in one request" % (path, size))


def _all(value: Any, path: str) -> Iterator[Tuple[str, Any]]:
    """Everything in a value, with whether it is a key."""
    level = [("value", value)]
    for _unused in range(MOST_LEVELS):
        yield from level
        deeper = []
        for _kind_of, one in level:
            if isinstance(one, Mapping):
                deeper += [("key", key) for key in one] + [("value", item) for item in one.values()]
            elif isinstance(one, (list, tuple, set)):
                deeper += [("value", item) for item in one]
        level = deeper
        if not level:
            return
    raise _Misfit("%s is nested more than %d levels deep" % (path, MOST_LEVELS))


def _key(key: Any, path: str) -> None:
    """What JSON can make a text of; YAML reads a bare date for one."""
    if not isinstance(key, (str, int, float)) and key is not None:
        raise _Misfit("%s has a key that is %s, and no text; quote it" % (path, _kind(key)))
    _text(key, path)


def _text(text: Any, path: str) -> int:
    """The bytes that a text takes in a request."""
    if not isinstance(text, str):
        return 0
    if "\0" in text:
        raise _Misfit("%s holds a NUL character, which Dokploy's database cannot store" % path)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise _Misfit("%s holds bytes that are no UTF-8 text" % path) from None
    return len(json.dumps(str(text)))


def _leaf(described: Mapping[str, Any], value: Any, path: str, forms: Mapping[str, str]) -> None:
    kind, elements = described.get("type", "any"), described.get("elements")
    form = forms.get(re.sub(r"\[\d+\]", "", path), "")
    if kind in ("int", "float"):
        _number(kind, value, path)
    elif kind == "list":
        if form and isinstance(value, str) and re.search(r"[\s,]", value):
            raise _Misfit("%s is text that contains whitespace or commas; it takes a list%s" % (path, form))
        for number, item in enumerate(value if isinstance(value, (list, tuple)) else [value]):
            if elements == "int":
                _number("int", item, "%s[%d]" % (path, number))
            elif elements in _TEXTS:
                _scalar(item, "%s[%d]" % (path, number), "")
    elif kind in _TEXTS:
        _scalar(value, path, form)
        if path.rpartition(".")[2].endswith("_id") and len(str(value)) > LONGEST_ID:
            raise _Misfit("%s has %d characters; no id has more than %d" % (path, len(str(value)), LONGEST_ID))


def _scalar(value: Any, path: str, form: str) -> None:
    """Ansible makes text of a list or a mapping, in Python's notation."""
    if isinstance(value, (Mapping, list, tuple, set)):
        raise _Misfit("%s is %s; it takes text%s" % (path, _kind(value), form))


def _number(kind: str, value: Any, path: str) -> None:
    """What is no number at all is for Ansible to say."""
    if isinstance(value, bool):
        # YAML's yes and on, too.
        raise _Misfit("%s is true or false; it takes a number" % path)
    if isinstance(value, int):
        number: Any = value
    else:
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            return
    if isinstance(number, float) and not math.isfinite(number):
        raise _Misfit("%s is no number that can be" % path)
    low, high = (-LARGEST, LARGEST) if kind == "int" else (0, LONGEST_TIME)
    if not low <= number <= high:
        raise _Misfit("%s is out of range; it must be between %d and %d" % (path, low, high))


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    kinds = (
        (str, "text"),
        ((int, float), "a number"),
        (Mapping, "a mapping"),
        ((list, tuple, set), "a list"),
        ((bytes, bytearray), "bytes"),
        (type(None), "null"),
    )
    return next((words for kinds_of, words in kinds if isinstance(value, kinds_of)), "a date")
