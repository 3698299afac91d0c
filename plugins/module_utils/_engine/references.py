# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""References: options whose value names another resource.

The user writes the name, or the id; the API wants the id. Lists of names are read once a task.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import (
    Desired,
    all_wants,
    dotted,
    with_values,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.reads import Reads
from ansible_collections.community.dokploy.plugins.module_utils._engine.tree import missing, pick
from ansible_collections.community.dokploy.plugins.module_utils._errors import Refused, UnknownProcedure
from ansible_collections.community.dokploy.plugins.module_utils._model.field import version_text


@dataclass(frozen=True)
class Kind:
    """Where the names of one kind of resource are listed.

    :param procedures: the listing queries, the preferred one first; later ones serve older servers.
    :param nested: the key under which a row holds the part that has the id (C(gitProvider.getAll) lists all providers,
        each with its own part under C(github), C(gitlab), ...); rows without it are of another kind.
    """

    words: str
    procedures: Tuple[str, ...]
    id_key: str
    name_key: str = "name"
    nested: str = ""

    def rows(self, listing: List[Mapping[str, Any]]) -> List[Dict[str, Any]]:
        if not self.nested:
            return [dict(row) for row in listing]
        return [
            {self.id_key: row[self.nested].get(self.id_key), self.name_key: row.get(self.name_key)}
            for row in listing
            if row.get(self.nested)
        ]


def _provider(name: str, words: str) -> Kind:
    # gitProvider.getAll also lists providers that are not connected yet; github.githubProviders and its like hide them.
    return Kind("%s provider" % words, ("gitProvider.getAll",), "%sId" % name, nested=name)


KINDS = {
    "github": _provider("github", "GitHub"),
    "gitlab": _provider("gitlab", "GitLab"),
    "bitbucket": _provider("bitbucket", "Bitbucket"),
    "gitea": _provider("gitea", "Gitea"),
    "server": Kind("server", ("server.all",), "serverId"),
    # Build servers run no applications; server.withSSHKey hides them.
    "build_server": Kind("build server", ("server.buildServers",), "serverId"),
    # Both show passwords in clear, so that their rows go nowhere.
    "registry": Kind("registry", ("registry.all",), "registryId", "registryName"),
    "destination": Kind("destination", ("destination.all",), "destinationId"),
    "network": Kind("network", ("network.all",), "networkId"),
    # allForApps leaves the private keys out; it came with 0.29.0.
    "ssh_key": Kind("SSH key", ("sshKey.allForApps", "sshKey.all"), "sshKeyId"),
}


def resolve(reads: Reads, kind: str, wanted: str, option: str) -> str:
    """The id of a name (or of an id).

    :raises ReferenceNotFound: there is none of that name; the message lists similar names.
    :raises Ambiguous: several do; the message lists their ids.
    """
    described = KINDS[kind]
    rows = described.rows(reads.listing(described.procedures))
    row = pick(rows, wanted, option=option, kind=described.words, id_key=described.id_key, name_key=described.name_key)
    if row is None:
        raise missing(rows, wanted, option=option, kind=described.words, name_key=described.name_key)
    return str(row[described.id_key])


def resolved(reads: Reads, desired: Desired) -> Tuple[Desired, Dict[str, str]]:
    """The desired state with ids for names, and the names of the ids that were met.

    :raises ReferenceNotFound: nothing bears a name.
    :raises Ambiguous: several do.
    """
    names: Dict[str, str] = {}
    values: Dict[Tuple[str, ...], Any] = {}
    for want in all_wants(desired):
        kind = want.field.reference
        if kind is None or not want.value:
            continue
        wanted = want.value if isinstance(want.value, list) else [want.value]
        try:
            found = [resolve(reads, kind, str(item), dotted(want.path)) for item in wanted]
        except UnknownProcedure as error:
            if want.field.since is None:
                raise
            raise Refused(
                "%s needs Dokploy %s or newer, and this server does not know %s"
                % (dotted(want.path), version_text(want.field.since), error.procedure)
            ) from None
        names.update(zip(found, (str(item) for item in wanted)))
        values[want.path] = found if isinstance(want.value, list) else found[0]
    return with_values(desired, values), names


def named(value: Any, names: Mapping[str, str]) -> Any:
    """An id, or a list of ids, as far as possible in names."""
    if isinstance(value, (list, tuple)):
        return [names.get(item, item) for item in value]
    return names.get(value, value)
