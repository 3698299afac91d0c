# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The terms of the lookup plugin: C([kind://]name[/name...][:field[.field...]])."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Mapping, Sequence, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError, known_names, with_article
from ansible_collections.community.dokploy.plugins.module_utils._manifest.catalog import INFO_OPERATIONS
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.database import DATABASES
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose import COMPOSE
from ansible_collections.community.dokploy.plugins.module_utils._values.paths import split, unescaped

# Services of one environment, which a term without a kind selects from.
SERVICES: Tuple[Resource, ...] = (APPLICATION, COMPOSE, *DATABASES)
#: The descriptions of all C(_info) modules by the name of the resource, and those of databases by their types.
KINDS: Mapping[str, Tuple[Resource, ...]] = {
    **{listing.resources[0].name: listing.resources for listing in INFO_OPERATIONS},
    **{resource.kind: (resource,) for resource in DATABASES},
}
# What a term without a kind is, by the number of its names.
_BY_PATH = (KINDS["project"], KINDS["environment"], SERVICES)

_SCHEME = re.compile(r"([a-z_]+)://(.*)\Z", re.DOTALL)


@dataclass(frozen=True)
class Term:
    """One term.

    :param text: what the user wrote, in quotes, for messages.
    :param kinds: the descriptions of what it can be.
    :param parents: the names of what it is in, from the outside to the inside; empty for the default.
    :param name: its name or ID. :param by_id: it is only an ID, of something that is in something else.
    :param field: the path of a value in it.
    """

    text: str
    kinds: Tuple[Resource, ...]
    parents: Tuple[str, ...]
    name: str
    by_id: bool
    field: Tuple[str, ...]

    @property
    def label(self) -> str:
        """What messages call what it can be."""
        return self.kinds[0].noun if self.kinds is not SERVICES else "service"


def parse_term(text: str) -> Term:
    """:raises OptionError: the text is no term."""
    # As it is written: repr would double the backslashes.
    quoted = "'%s'" % text
    scheme = _SCHEME.match(text)
    kind, rest = scheme.groups() if scheme else ("", text)
    *before, last = split(rest, ":")
    path, fields = (":".join(before), last) if before else (last, None)
    names = [unescaped(name) for name in split(path, "/")]
    if fields == "":
        raise OptionError(
            "%s: a colon separates a field from the path, as in shop/production/web:domains" % quoted,
            hint="Write a colon in a name as \\:.",
        )
    field = tuple(unescaped(part) for part in split(fields, ".")) if fields else ()
    if not names[-1]:
        raise OptionError("%s names nothing: a term is like shop/production/web or registry://acme" % quoted)
    if not scheme:
        if len(names) > len(_BY_PATH):
            message = "%s: a path has at most a project, an environment and a service"
            raise OptionError(message % quoted, hint="Write a slash in a name as \\/.")
        kinds = _BY_PATH[len(names) - 1]
    elif kind in KINDS:
        kinds = KINDS[kind]
    else:
        raise OptionError("%s: there is no kind %r" % (quoted, kind), hint=known_names(kind, KINDS))
    if len(kinds[0].levels) == 1:
        # It is in nothing: the name may be that of a host with a path.
        names = [unescaped(path)]
    levels, missing = kinds[0].levels, len(kinds[0].levels) - len(names)
    if missing and levels[0].optional:
        names, missing = ["", *names], missing - 1
    by_id = missing > 0 and len(names) == 1
    if missing and not by_id:
        shape = "/".join(level.label.upper().replace(" ", "_") for level in levels)
        raise OptionError("%s: %s is %s://%s" % (quoted, with_article(kinds[0].noun), kind, shape))
    if not names[0] and not levels[0].optional:
        message = "%s: the name of the %s is empty"
        raise OptionError(
            message % (quoted, levels[0].label), hint="Only that of an environment may be, as in shop//web."
        )
    return Term(quoted, kinds, tuple(names[:-1]), names[-1], by_id, field)


class Absent(Exception):
    """A value has nothing at a path: C(found) is the part of the path that there is."""

    def __init__(self, reached: Tuple[str, ...], known: Sequence[str]) -> None:
        super().__init__()
        self.reached, self.known = reached, known


def value_at(value: Any, path: Sequence[str], reached: Tuple[str, ...] = ()) -> Any:
    """The value at a path: keys of mappings, which may have dots in them, and indices of lists.

    :raises Absent: there is none.
    """
    if not path:
        return value
    if isinstance(value, Mapping):
        for count in range(len(path), 0, -1):
            names, rest = path[:count], path[count:]
            key = ".".join(names)
            if key in value:
                return value_at(value[key], rest, (*reached, key))
        raise Absent(reached, sorted(value))
    if isinstance(value, list) and re.match(r"-?[0-9]+\Z", path[0]) and -len(value) <= int(path[0]) < len(value):
        return value_at(value[int(path[0])], path[1:], (*reached, path[0]))
    raise Absent(reached, [])
