# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Values of one resource that options of another one take in the same run, such as the URL of a database.

A promise stands for such a value in the parameters: that of a key of the facts of a node, which are what a result with
secrets shows of it. What exists has its facts when it is planned, also those that its own plan is about to change. What
is created has them when it is there; what takes them is planned again then, before it is carried out.

What a resource takes of itself is the name that Dokploy makes for it, and its ID. A new one has them in the answer to
its creation, so that they are sent after it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, Mapping, Optional, Sequence, Tuple

from .._api.client import Client
from .._errors import OptionError, close_names, known_names, suggested
from .._model.resource import Resource
from .._reads.reads import Reads
from .._values.marks import FromResponse, mark, marks_in, substituted
from .desired import all_fields, dotted
from .flow import ResourcePlan
from .plan import SELF
from .state import Node, State, restated
from .view import predicted, view

APP_NAME, _APP_NAME_KEY = "app_name", "appName"
_FACTS, _ID = "facts of ", "id"


def fact(key: str, name: str) -> FromResponse:
    """The promise of a fact of a node. :param name: as results name it; C(id) is its ID."""
    return FromResponse(_FACTS + key, name)


def facts_row(key: str) -> str:
    """The name under which the facts of a node are kept beside the rows of others."""
    return _FACTS + key


class Facts:
    """The facts of one resource. :ivar values: by their names; a promise for what is not known yet."""

    def __init__(self, planned: ResourcePlan, client: Client) -> None:
        state, resource = planned.state, planned.state.resource
        desired = state.desired
        after = predicted(resource, state.row, planned.diff, desired.fields, desired.children)
        safe, self.values = (view(resource, after, state.names, secrets, client.base_url) for secrets in (False, True))
        self._secret = set(self.values) - set(safe)
        # What the prediction of a new record says as well, since the server does not choose it.
        self._empty = {name for name, _source in resource.reading.facts if self.values[name] == ""}
        client.add_secret(*(str(self.values[name]) for name in self._secret if self.values[name]))
        if planned.diff.action in ("create", "replace"):
            self.values = {name: fact(state.key, name) for name in self.values}
        self.values["id"] = self.values.get(resource.id_option)

    def find(self, name: str, key: str) -> Any:
        """:raises OptionError: there is none of the name, or it is empty."""
        if name not in self.values:
            raise OptionError("reference: %s has no %r. %s" % (key, name, _instead_of(name, list(self.values))))
        if name in self._empty:
            raise OptionError("reference: %r of %s is empty" % (name, key))
        return self.values[name]

    def is_secret(self, name: str) -> bool:
        return name in self._secret


def _instead_of(name: str, names: Sequence[str]) -> str:
    """The hint for a fact that there is not: similar names, those that contain it, or all."""
    similar = close_names(name, names) or sorted(known for known in names if name in known)
    return suggested(similar) if similar else known_names(name, names, most=len(names))


def facts_of(node: Node, row: Mapping[str, Any], client: Client) -> Dict[str, Any]:
    """What others may take from a resource that is there."""
    safe, values = (view(node.resource, row, {}, secrets, client.base_url) for secrets in (False, True))
    client.add_secret(*(str(value) for name, value in values.items() if name not in safe and value))
    return {**values, "id": values.get(node.resource.id_option)}


def with_facts(node: Node, state: State, known: Mapping[str, Facts], reads: Reads) -> Tuple[Node, State]:
    """The node and its state with the facts of others, as far as they are known.

    :raises OptionError: there is no such fact, or it is a secret that an option would show.
    """
    _refuse_shown(node, state, known)

    def find(saved: str, name: str) -> Any:
        key = saved[len(_FACTS) :]
        return fact(key, name) if key == node.key else known[key].find(name, key)

    node = replace(node, params=substituted(node.params, find))
    return node, restated(node, state, reads)


def own_facts(resource: Resource) -> Dict[str, str]:
    """What a resource can take of itself, with the keys of its row."""
    ids = {resource.id_option: resource.id_key, _ID: resource.id_key}
    has_name = any(field.api == _APP_NAME_KEY for _path, field, _group in resource.fields())
    return {APP_NAME: _APP_NAME_KEY, **ids} if has_name else ids


def with_own_facts(node: Node, row: Optional[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The parameters of a node with what they take of the resource itself.

    :param row: C(None): it is created, and promises stand for what the answer to that has.
    :raises OptionError: it can take no such value of itself.
    """
    known, own = own_facts(node.resource), facts_row(node.key)

    def find(saved: str, name: str) -> Any:
        if saved != own:
            return mark(saved, name)
        if name not in known:
            text = "reference: %s can take of itself only %s, and not %r"
            raise OptionError(text % (node.key, " and ".join(sorted({*known} - {_ID})), name))
        return FromResponse(SELF, known[name]) if row is None else row.get(known[name])

    params: Mapping[str, Any] = substituted(node.params, find)
    return params


def _refuse_shown(node: Node, state: State, known: Mapping[str, Facts]) -> None:
    """:raises OptionError: a secret fact is taken for an option that results show."""
    for want in all_fields(state.desired):
        if want.field.secret or want.field.write_only:
            continue
        for saved, name in marks_in(want.value):
            key = saved[len(_FACTS) :]
            if saved.startswith(_FACTS) and known[key].is_secret(name):
                message = "%s shows its value, and %r of %s is a secret"
                raise OptionError(message % (dotted(want.path), name, key))
