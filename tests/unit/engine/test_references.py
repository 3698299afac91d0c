# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""References: the ID of a name, from the listings of the server."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.lookup import resolve
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    Ambiguous,
    ReferenceNotFound,
    UnknownProcedure,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Listing
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import SERVERS
from ansible_collections.community.dokploy.plugins.module_utils._model.responses import answers_of
from ansible_collections.community.dokploy.plugins.module_utils._reads.reads import Reads
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.listings import SSH_KEYS
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._values.schema import wrong
from tests.support.fake_clients import Expect, ScriptedClient, reads

GITEA, GITLAB = (
    Listing(f"{name} provider", ("gitProvider.getAll",), f"{name.lower()}Id", nested=name.lower())
    for name in ("Gitea", "GitLab")
)


def provider(kind: str, name: str, resource_id: str) -> dict[str, Any]:
    """A row of ``gitProvider.getAll``."""
    row: dict[str, Any] = {"gitProviderId": "git-" + resource_id, "name": name, "providerType": kind, "isOwner": True}
    row.update(dict.fromkeys(("gitlab", "bitbucket", "github", "gitea")))
    row[kind] = {kind + "Id": resource_id, "isConfigured": False}
    return row


PROVIDERS = [provider("gitlab", "acme", "gl-1"), provider("gitea", "acme", "gt-1"), provider("gitea", "other", "gt-2")]


def resolved(listing: Listing, wanted: str, *script: Expect) -> str:
    client: Any = ScriptedClient(*script)
    found = resolve(Reads(client), listing, wanted, "option")
    client.done()
    return found


@pytest.mark.parametrize(
    ("listing", "wanted", "resource_id"),
    [
        # The name of another kind of provider does not count.
        (GITEA, "acme", "gt-1"),
        (GITLAB, "acme", "gl-1"),
        (GITEA, "gt-2", "gt-2"),
    ],
)
def test_a_provider_by_name_and_by_id(listing: Listing, wanted: str, resource_id: str) -> None:
    assert resolved(listing, wanted, reads("gitProvider.getAll", PROVIDERS)) == resource_id


def test_the_id_of_the_provider_row_is_not_accepted() -> None:
    with pytest.raises(ReferenceNotFound):
        resolved(GITEA, "git-gt-1", reads("gitProvider.getAll", PROVIDERS))


def test_servers_and_keys() -> None:
    assert resolved(SERVERS, "box", reads("server.all", [{"serverId": "s-1", "name": "box"}])) == "s-1"
    keys = [{"sshKeyId": "k-1", "name": "deploy"}]
    assert resolved(SSH_KEYS, "deploy", reads("sshKey.allForApps", keys)) == "k-1"
    old = (reads("sshKey.allForApps", UnknownProcedure("404")), reads("sshKey.all", keys))
    assert resolved(SSH_KEYS, "k-1", *old) == "k-1"


def test_unknown_and_ambiguous_names_are_errors_of_the_option() -> None:
    with pytest.raises(ReferenceNotFound) as missing:
        resolved(GITEA, "acne", reads("gitProvider.getAll", PROVIDERS))
    assert str(missing.value) == "option: no Gitea provider is named 'acne'. Did you mean: 'acme'?"
    twins = [provider("gitea", "acme", "gt-2"), provider("gitea", "acme", "gt-1")]
    with pytest.raises(Ambiguous) as ambiguous:
        resolved(GITEA, "acme", reads("gitProvider.getAll", twins))
    assert ambiguous.value.details == {"ids": ["gt-1", "gt-2"]}


def test_a_list_is_read_once_for_many_references() -> None:
    client: Any = ScriptedClient(reads("gitProvider.getAll", PROVIDERS))
    cache = Reads(client)
    assert [resolve(cache, one, "acme", "o") for one in (GITEA, GITLAB, GITEA)] == ["gt-1", "gl-1", "gt-1"]


def test_the_answers_of_the_listings_are_checked() -> None:
    shapes = answers_of(APPLICATION)
    assert wrong(shapes["server.all"], [{"name": "box"}]) == "[0].serverId is missing"
    assert wrong(shapes["gitProvider.getAll"], PROVIDERS) is None
    assert wrong(shapes["gitProvider.getAll"], [{"name": "acme", "gitea": {}}]) == "[0].gitea.giteaId is missing"
