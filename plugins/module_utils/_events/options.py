# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The arguments of an event source, judged by its documentation.

ansible-rulebook passes on what a rulebook says, with its templates replaced, so that a port may be a text.
"""

from __future__ import annotations

import datetime
import math
import os
from typing import Any, Callable, Dict, Mapping

from .._errors import ConfigurationError, kind_of, known_names

# What ansible-rulebook adds for sources that want to know when an event was handled.
_OWN = frozenset(("eda_feedback_queue",))
_TRUTH = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def checked(
    options: Mapping[str, Mapping[str, Any]], args: Mapping[str, Any], env: Mapping[str, str]
) -> Dict[str, Any]:
    """The value of every option: as it is stated, else of its environment variable, else its default, else C(None).

    An empty text counts as not set, since a template gives one for a variable that is not set.

    :param options: C(options) of the documentation.
    :raises ConfigurationError: names the option, and never shows a value.
    """
    # YAML has keys that are no texts.
    for name in map(str, args):
        if name not in options and name not in _OWN:
            raise ConfigurationError("%s is no option of this event source" % name, hint=known_names(name, options))
    result = {name: _value(name, option, args.get(name), env) for name, option in options.items()}
    for name, option in options.items():
        if option.get("required") and result[name] is None:
            variables = [variable["name"] for variable in option.get("env", ())]
            where = " or the environment variable %s" % variables[0] if variables else ""
            raise ConfigurationError("%s is missing" % name, hint="Set the option%s." % where)
    return result


def _value(name: str, option: Mapping[str, Any], stated: Any, env: Mapping[str, str]) -> Any:
    given = [stated, *(env.get(variable["name"]) for variable in option.get("env", ())), option.get("default")]
    value = next((candidate for candidate in given if candidate is not None and candidate != ""), None)
    if value is None:
        return None
    if option["type"] == "list":
        items = value if isinstance(value, list) else [value]
        return [_single(name, {**option, "type": option["elements"]}, item) for item in items]
    return _single(name, option, value)


def _single(name: str, option: Mapping[str, Any], value: Any) -> Any:
    try:
        converted = _TYPES[option["type"]](value)
    except (ValueError, TypeError, KeyError):
        wanted = _WORDS[option["type"]]
        raise ConfigurationError("%s must be %s, got %s" % (name, wanted, kind_of(value))) from None
    choices = option.get("choices")
    if choices and converted not in choices:
        raise ConfigurationError("%s must be one of %s" % (name, ", ".join(map(str, choices))))
    return converted


def _text(value: Any) -> str:
    # YAML makes a date of a text without quotes that looks like one.
    if isinstance(value, bool) or not isinstance(value, (str, int, float, datetime.date)):
        raise TypeError
    return str(value)


def _whole(value: Any) -> int:
    number = _number(value)
    if number != int(number):
        raise ValueError
    return int(number)


def _number(value: Any) -> float:
    number = float(_text(value))
    if not math.isfinite(number):
        raise ValueError
    return number


def _truth(value: Any) -> bool:
    return value if isinstance(value, bool) else _TRUTH[_text(value).strip().lower()]


def _path(value: Any) -> str:
    return os.path.expanduser(os.path.expandvars(_text(value)))


_TYPES: Mapping[str, Callable[[Any], Any]] = {
    "str": _text,
    "path": _path,
    "int": _whole,
    "float": _number,
    "bool": _truth,
}
_WORDS = {"str": "text", "path": "a path", "int": "a whole number", "float": "a number", "bool": "true or false"}


def within(options: Mapping[str, Any], name: str, least: float, most: float) -> None:
    """:raises ConfigurationError: the number of the option is out of range."""
    if not least <= options[name] <= most:
        raise ConfigurationError("%s is %s; it must be from %s to %s" % (name, options[name], least, most))
