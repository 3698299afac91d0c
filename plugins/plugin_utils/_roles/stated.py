# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of a role that a command line or a survey states as texts, as the options of the role. Pure.

An empty text counts as not set, since a survey sets each unanswered question to one.
"""

from __future__ import annotations

import json
import os
from typing import Any, Dict, Iterator, List, Mapping, Tuple

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

Spec = Mapping[str, Any]

#: What the names of reports end in.
REPORT_ENDINGS = (".html", ".md", ".json")
_REPORTS = "_reports"


def stated(spec: Spec, given: Mapping[str, Any]) -> Tuple[Dict[str, Any], List[str]]:
    """The options that are set, and one sentence for each text that is none of the option's type.

    :param spec: the options by their names. :param given: plain values of variables.
    """
    values: Dict[str, Any] = {}
    mistakes: List[str] = []
    for name, value in given.items():
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        try:
            values[name] = _of_text(spec[name], value) if isinstance(value, str) else value
        except ValueError:
            kind = "a list of mappings" if spec[name]["type"] == "list" else "a mapping"
            mistakes.append("%s is a text that is no JSON; it takes %s, or the JSON text of it" % (name, kind))
    return values, mistakes


def _of_text(option: Spec, text: str) -> Any:
    """:raises ValueError: JSON is needed, and it is none."""
    if option["type"] == "list" and option.get("elements") != "dict":
        return _items(text)
    return json.loads(text) if option["type"] in ("list", "dict") else text


def _items(text: str) -> List[Any]:
    """The items of JSON, or of a text with commas. A pattern may begin with a bracket too."""
    if text.lstrip().startswith("["):
        try:
            items: List[Any] = json.loads(text)
        except ValueError:
            pass
        else:
            return items
    return [item.strip() for item in text.split(",") if item.strip()]


def converted(spec: Spec, values: Mapping[str, Any]) -> Tuple[Dict[str, Any], List[str]]:
    """The options with their types and defaults, paths from the working directory, and what is wrong with them.

    :param values: those that are set, without mistakes in their types.
    """
    checked = ArgumentSpecValidator(dict(spec)).validate(dict(values))
    options: Dict[str, Any] = {
        name: _located(spec[name], value) for name, value in checked.validated_parameters.items() if name in spec
    }
    return options, [*checked.error_messages, *_nameless_reports(options)]


def _located(option: Spec, value: Any) -> Any:
    if value is None:
        return None
    if option["type"] == "path":
        return os.path.abspath(value)
    if option.get("elements") == "path":
        return [os.path.abspath(item) for item in value]
    return value


def _nameless_reports(options: Mapping[str, Any]) -> Iterator[str]:
    """Reports have the form that their names tell."""
    for name, paths in options.items():
        if name.endswith(_REPORTS) and any(not path.endswith(REPORT_ENDINGS) for path in paths or ()):
            yield "%s takes names that end in .html, .md or .json" % name
