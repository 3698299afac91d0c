# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of ansible-core as values of Python, in one direction and the other."""

from __future__ import annotations

import datetime
import json
from typing import Any, Callable, List, Mapping

from ansible import template
from ansible.errors import AnsibleFilterError

if hasattr(template, "trust_as_template"):

    def wrap_var(value: Any) -> Any:
        """From ansible-core 2.19 on, only values that carry a tag are templates, and plain ones carry none."""
        return value

else:
    from ansible.utils.unsafe_proxy import wrap_var  # type: ignore[no-redef]


def plain(value: Any) -> Any:
    """A value without ansible-core's tags, lazy containers and vault wrappers, as a module gets it from JSON."""
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="surrogateescape")
    for kind in (int, float):
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return str.__str__(str(value))


def omitted(value: Any) -> bool:
    """Whether this is the variable C(omit), which is an object from ansible-core 2.19 on, and a text before."""
    placeholder = isinstance(value, str) and value.startswith("__omit_place_holder__")
    return placeholder or type(value).__name__ == "_OmitType"


def without_omitted(value: Any) -> Any:
    """A value without what is omitted."""
    if isinstance(value, Mapping):
        return {key: without_omitted(item) for key, item in value.items() if not omitted(item)}
    if isinstance(value, (list, tuple)):
        items: List[Any] = [without_omitted(item) for item in value if not omitted(item)]
        return items
    return value


def _key(key: Any) -> str:
    return str.__str__(key) if isinstance(key, str) else json.dumps(plain(key))


def unsafe(value: Any) -> Any:
    """A value of a server as ansible-core takes it for one that is no template, whatever is in it."""
    return wrap_var(plain(value))


def plain_filter(function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that gives what a function does with plain values."""

    def applied(*values: Any, **named: Any) -> Any:
        """:raises AnsibleFilterError: a value is not what it has to be."""
        try:
            result = function(*map(plain, values), **{name: plain(value) for name, value in named.items()})
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise AnsibleFilterError("%s: %r" % (function.__name__, error)) from error
        return unsafe(result)

    return applied
