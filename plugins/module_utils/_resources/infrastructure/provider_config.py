# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What vaults and DNS providers have in common: settings of one of several kinds in one object, with masked secrets.

The server shows C(********) in place of a secret, takes it for the stored one in an update and a test, and stores it as
it is at a creation. It answers a name that exists with the statement of its database, which has all secrets in clear
(dokploy-infrastructure.md, sections 1.3 and 3.5). So the mask is refused as a value.
"""

from __future__ import annotations

from typing import Any, Mapping, Tuple

from ..._engine.diff import Row
from ..._engine.plan import Write
from ..._engine.state import State
from ..._model.field import Field, Group, Listing, Version
from ..._model.procedures import Creation, Reading, Removal, Updating
from ..._model.resource import ChangeCheck, Resource
from ..._model.states import States
from ..._values.codec import is_empty
from .connection_tests import OPTION, ConnectionTest, tested

MASK = "********"
# The server gives up after 15 s.
_TEST_TIMEOUT = 60.0
_NAME = (r"[A-Za-z0-9_-]+\Z", "may hold only letters, digits, '_' and '-'")
_NO_MASK = (r"(?!\*{8}\Z)", "is the mask that Dokploy shows in place of a secret")
URL = (
    r"https?://[A-Za-z0-9._-]*[A-Za-z0-9](?::[0-9]{1,5})?(?:[/?#]\S*)?\Z",
    "is not a URL that begins with http:// or https://",
)


def hidden(name: str, api: str) -> Field:
    """A secret that no procedure shows."""
    return Field(name, api, secret=True, write_only=True, needed=True, pattern=_NO_MASK, limits=(1, 4096))


def _test(state: State, after: Row) -> ConnectionTest:
    """The connection as it will be."""
    resource, row = state.resource, state.row
    key, inner = resource.packed
    config = {name: after[name] for name in inner if not is_empty(after.get(name))}
    known = {} if row is None else {resource.id_key: row[resource.id_key]}
    procedure = resource.creation.procedure.replace(".create", ".testConnection")
    return ConnectionTest(
        Write(procedure, {**known, key: config}, writes=False, timeout=_TEST_TIMEOUT),
        "test_connection: the %s does not accept it" % resource.listing.label,
        hint="Check the options of %s. Nothing was written." % resource.kind,
    )


def config_provider(
    router: str,
    label: str,
    kind: str,
    *fields: Field,
    more: Tuple[Field, ...] = (),
    checks: Tuple[ChangeCheck, ...] = (),
    defaults: Mapping[str, Any],
    further: Mapping[str, Any],
    since: Version = (0, 30, 0),
) -> Resource:
    """A kind of provider.

    :param kind: the option, whose hyphens are underscores.
    :param fields: the keys of its object. :param defaults: those that have one in the server, with it.
    :param more: options of all kinds. :param further: their keys, with what is sent where nothing is stated.
    """
    secret = {field.api: MASK for field in fields if field.write_only}
    inner = ("providerType", *(field.api for field in fields))
    type_ = kind.replace("_", "-")
    return Resource(
        name=label.lower().replace(" ", "_"),
        kind=kind,
        by_suboption=True,
        scope="instance",
        since=since,
        listing=Listing(
            label,
            ("%s.all" % router,),
            "%sId" % router,
            nested="config",
            where=("providerType", type_),
            kind_key="providerType",
            kinds=(type_,),
        ),
        options=(Field("name", "name", needed=True, limits=(1, 64), pattern=_NAME), *more, Group(kind, fields)),
        creation=Creation(
            "%s.create" % router,
            takes=("name", *further, *inner[1:]),
            defaults={"providerType": type_, **defaults, **further},
        ),
        packed=("config", inner),
        reading=Reading(in_listing=True, facts=(("created_at", "createdAt"),)),
        updating=Updating(
            "%s.update" % router,
            always_sent={"name": None, **further, **dict.fromkeys(inner), **secret, "providerType": type_},
        ),
        removal=Removal("%s.remove" % router),
        acknowledged=("%s.remove" % router, "%s.testConnection" % router),
        unique=True,
        checks=(*checks, tested(_test)),
        states=States(options=OPTION),
    )
