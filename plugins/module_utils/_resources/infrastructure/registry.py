# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Registries: logins to the registries that images are pulled from and pushed to.

Dokploy runs C(docker login) with every write. It stores an update before it logs in, so that a refused one stays
(measured on 0.30.2). The listing shows the passwords in clear, C(registry.one) does not.
"""

from __future__ import annotations

from dataclasses import replace

from ..._engine.apply import resource_operation
from ..._engine.diff import Row
from ..._engine.info import info_operation
from ..._engine.plan import Write
from ..._engine.state import State
from ..._model.field import Field
from ..._model.procedures import Creation, Reading, Updating
from ..._model.resource import Resource
from ..._model.states import States
from ..._values.codec import TEXT
from .connection_tests import OPTION, ConnectionTest, tested
from .listings import REGISTRIES
from .references import removal_unless_used

# A registry that does not answer holds up the login.
_LOGIN_TIMEOUT = 120.0
_ADDRESS = (
    r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9._-]*[a-zA-Z0-9])?(?::[0-9]{1,5})?)?\Z",
    "is not a host name with an optional port, such as registry.example.com:5000, without a scheme or a path",
)
_USED_BY = {"application": ("registryId", "buildRegistryId", "rollbackRegistryId")}
_LOGIN = ("registryUrl", "username", "password")


def _test(_state: State, after: Row) -> ConnectionTest:
    """The login as it will be. Docker says why it fails."""
    body = {"registryType": "cloud", **{key: after[key] for key in _LOGIN}}
    message = "test_connection: the login to %r as %r fails"
    return ConnectionTest(
        Write("registry.testRegistry", body, writes=False, timeout=_LOGIN_TIMEOUT),
        message % (after["registryUrl"] or "Docker Hub", after["username"]),
        hint="Check url, username and password. Nothing was written.",
    )


REGISTRY = Resource(
    name="registry",
    scope="instance",
    listing=REGISTRIES,
    options=(
        Field("name", "registryName", needed=True, limits=(1, 255)),
        Field("url", "registryUrl", pattern=_ADDRESS),
        # Dokploy strips the blanks around it.
        Field("username", "username", replace(TEXT, to_api=str.strip), needed=True),
        Field("password", "password", secret=True, needed=True),
        Field("image_prefix", "imagePrefix"),
    ),
    creation=Creation(
        "registry.create",
        takes=("registryName", "imagePrefix", *_LOGIN),
        defaults={"registryType": "cloud", "imagePrefix": None, "registryUrl": ""},
    ),
    reading=Reading(in_listing=True, facts=(("created_at", "createdAt"),)),
    updating=Updating("registry.update", refusal_stores=True),
    timeouts={"registry.create": _LOGIN_TIMEOUT, "registry.update": _LOGIN_TIMEOUT},
    removal=removal_unless_used(
        "registry.remove", _USED_BY, "removes the registry from them with it, and logs out of its address"
    ),
    checks=(tested(_test),),
    states=States(options=OPTION),
)

OPERATION = resource_operation(REGISTRY)
INFO_OPERATION = info_operation(REGISTRY)
