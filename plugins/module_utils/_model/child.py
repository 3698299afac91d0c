# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Frozen descriptions of the records that belong to a resource, such as the domains of an application."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Callable, Mapping, Optional, Tuple

from .field import Field, Version


@dataclass(frozen=True)
class Generated:
    """A value that the server generates on request, without storing anything.

    :param procedure: answers it as bare text; C(body) maps the keys of its input to keys of the parent's row.
    :param pattern: matches such values; C(%s) stands for the value of the key C(prefix) in the parent's row, cut at
        C(longest) characters.
    :param label: what check mode shows instead.
    :param domains: of host names: those in which they are.
    """

    field: str
    procedure: str
    body: Mapping[str, str]
    pattern: str
    prefix: str
    longest: int
    label: str
    domains: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Everywhere:
    """A natural key that is unique on the whole server.

    :param listing: the query that lists the children of a parent by its ID.
    :param others: those of other kinds of services, whose children take such keys too.
    :param claims: whether a row uses its key. :param effect: the effect of a duplicate, for the warning.
    """

    listing: str
    others: Mapping[str, str]
    claims: Callable[[Mapping[str, Any]], bool]
    effect: str


@dataclass(frozen=True)
class Child:
    """A record that belongs to a resource and is embedded in its row.

    :param option: the parent's option that lists all of them; C(singular) is the name of one in messages.
    :param embedded: the key of the parent's row with their rows.
    :param parent: further keys of the creating body, and defaults of it; C("$parent") stands for the parent's ID.
    :param always_sent: keys that the updating procedure requires, changed or not.
    :param create_ignores: keys that the creating procedure ignores, with the values that it stores; an update follows.
    :param applies_immediately: a change takes effect without a deployment.
    :param listing: the query for the rows if the parent's row does not embed them, the key of the parent's ID, and
        further keys of its input. The engine then embeds them.
    :param since: the first Dokploy version that has them.
    :param in_flight: how many writes of each procedure a server takes at once, where that is limited.
    :param in_batch: how many of a write, of different parents, share a request, from its procedure and the row after
        it, where that is not what is in flight.
    :param run: the procedure that runs one of them now, and the type of its runs in C(deployment.allByType).
    :param generates: the value of the key that the server can generate.
    :param joint: the separator of the parts of a natural key in messages and diffs.
    :param everywhere: the natural key is unique on the whole server, not only in the parent.
    :param first: others of the parent need one of these, so that it is written before them and removed after them.
    :param protected: whether the server made a row by itself with the parent, or a run needs it, from the parent's row
        and its own. A list that does not state it leaves it alone.
    :param effective: whether such children can have an effect, from the row of the parent; otherwise a list that is not
        stated is not looked at.
    """

    option: str
    singular: str
    embedded: str
    id_key: str
    fields: Tuple[Field, ...]
    create: str
    update: str
    remove: str
    parent: Mapping[str, Any]
    always_sent: Tuple[str, ...] = ()
    create_ignores: Mapping[str, Any] = field(default_factory=dict)
    applies_immediately: bool = False
    listing: Optional[Tuple[str, str, Mapping[str, str]]] = None
    since: Optional[Version] = None
    in_flight: Mapping[str, int] = field(default_factory=dict)
    in_batch: Optional[Callable[[str, Mapping[str, Any]], int]] = None
    run: Optional[Tuple[str, str]] = None
    generates: Optional[Generated] = None
    joint: str = ""
    everywhere: Optional[Everywhere] = None
    first: bool = False
    protected: Callable[[Mapping[str, Any], Mapping[str, Any]], bool] = lambda parent, row: False
    effective: Callable[[Mapping[str, Any]], bool] = lambda parent: True

    @cached_property
    def id_option(self) -> str:
        return "%s_id" % self.singular

    @cached_property
    def key_fields(self) -> Tuple[Field, ...]:
        return tuple(f for f in self.fields if f.key)


def child(router: str, singular: str, *fields: Field, **more: Any) -> Child:
    """A child with the procedures C(create), C(update) and C(delete) of C(router).

    :param more: further parameters of C(Child), and those that do not follow from C(router) and C(singular).
    """
    names = {"option": "%ss" % singular, "embedded": "%ss" % singular, "id_key": "%sId" % singular}
    procedures = {"create": "%s.create" % router, "update": "%s.update" % router, "remove": "%s.delete" % router}
    return Child(**{"singular": singular, "fields": fields, **names, **procedures, **more})
