# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Traefik's configuration: files that are stated as a mapping or as text, and checked before they are written.

Dokploy stores any text. Traefik reads its main file when it starts, and the files of its folder C(dynamic) at once.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Dict, Iterator, Mapping, Optional, Tuple

from ..._errors import enumerated, kind_of
from ..._secrets.masking import MASK
from ..._values import yaml_text
from ..._values.codec import Codec
from ..._values.schema import TEXT
from .traefik_facts import EMPTY, EMPTY_MAIN_FILE, INVALID_FILE_EFFECT

#: Of a file in the folder C(dynamic).
SECTIONS = ("http", "tcp", "udp", "tls")


def _read(value: Any) -> Tuple[str, Dict[Any, Any]]:
    """The text to write, and the mapping in it.

    :raises ValueError: it cannot be written, or Traefik refuses it.
    """
    if not isinstance(value, (str, Mapping)):
        raise ValueError("it must be a mapping or the text of one, not %s" % kind_of(value))
    if not yaml_text.HAS_YAML:
        raise ValueError("the Python library PyYAML is missing where the module runs")
    text = value if isinstance(value, str) else yaml_text.yaml_of(value)
    if MASK in text:
        raise ValueError(
            "it has %s in place of a secret. Read it with include_secrets=true before you write it back" % MASK
        )
    try:
        content = yaml_text.mapping_of(text, "Traefik", "{http: ...}")
    except ValueError as error:
        raise ValueError("it %s" % error) from error
    return text if text.endswith("\n") else text + "\n", content


def any_file(value: Any) -> str:
    """The text of a file that Traefik does not read by itself; raises C(ValueError)."""
    return _read(value)[0]


def main_file(value: Any) -> str:
    """The text of the main file; raises C(ValueError)."""
    text, content = _read(value)
    if not content:
        raise ValueError("it %s" % EMPTY_MAIN_FILE)
    return text


def dynamic_file(value: Any) -> str:
    """The text of a file in the folder C(dynamic); raises C(ValueError)."""
    text, content = _read(value)
    empty = next(_empty_sections(content), None)
    if empty is not None:
        raise ValueError(
            "%s is empty or not a mapping. %s. Leave it out; {} is an empty configuration"
            % (empty, INVALID_FILE_EFFECT)
        )
    return text


def _empty_sections(content: Mapping[Any, Any]) -> Iterator[str]:
    """The sections and tables that Traefik refuses, since they are empty (measured with 3.7)."""
    for section in SECTIONS:
        tables = content.get(section)
        named = tables if isinstance(tables, Mapping) else {}
        if tables is not None and all(table is None for table in named.values()):
            yield section
        yield from ("%s.%s" % (section, name) for name, table in named.items() if table == {})


def ignored_keys(text: str) -> str:
    """What Traefik ignores without a message (its source, 3.6): the sections that it does not know."""
    content = yaml_text.mapping_of(text, "Traefik", "{http: ...}") if yaml_text.HAS_YAML else {}
    # Traefik ignores the case, too.
    unknown = [repr(str(key)) for key in content if str(key).lower() not in SECTIONS]
    if not unknown:
        return ""
    keys = "key %s" if len(unknown) == 1 else "keys %s"
    return "Traefik ignores the %s, since it knows only %s" % (keys % enumerated(unknown), enumerated(SECTIONS))


# The middlewares that Dokploy itself keeps in the file of all middlewares, each with the name of an application, which
# ends with six random characters (source of 0.30.2).
_OF_DOKPLOY = re.compile(
    r"redirect-to-https|auth-.+-[a-z0-9]{6}"
    r"|(?:redirect|addprefix|stripprefix|forward-auth)-.+-[a-z0-9]{6}-\d+(?:-errors)?"
)


def with_those_of_dokploy(wanted: str, current: Any) -> str:
    """The text of the file of all middlewares, beside what Dokploy keeps there for applications.

    :param wanted: it has precedence. :param current: the text of the file; C(None) if there is none.
    """
    content, kept = middlewares_in(wanted), middlewares_in(current)
    if content is None or not kept:
        return wanted
    whole, own = content
    added = {
        name: middleware for name, middleware in kept[1].items() if name not in own and _OF_DOKPLOY.fullmatch(str(name))
    }
    if not added:
        return wanted
    return yaml_text.yaml_of({**whole, "http": {**(whole.get("http") or {}), "middlewares": {**own, **added}}})


def middlewares_in(text: Any) -> Optional[Tuple[Dict[Any, Any], Dict[Any, Any]]]:
    """The mapping in a text, and that of the middlewares in it; C(None) if it is another text."""
    try:
        content = yaml_text.mapping_of(text or EMPTY, "Traefik", "{http: ...}") if yaml_text.HAS_YAML else {}
    except ValueError:
        return None
    http = content.get("http") or {}
    middlewares = http.get("middlewares") or {} if isinstance(http, Mapping) else None
    return (content, dict(middlewares)) if isinstance(middlewares, Mapping) else None


MAIN_FILE = Codec(
    type="raw",
    to_api=main_file,
    same=lambda wanted, current: current is not None and yaml_text.same(wanted, current),
    empty=EMPTY,
    stored=TEXT,
)
MIDDLEWARES_FILE = replace(
    MAIN_FILE,
    to_api=dynamic_file,
    ignored=ignored_keys,
    same=lambda wanted, current: MAIN_FILE.same(with_those_of_dokploy(wanted, current), current),
)
