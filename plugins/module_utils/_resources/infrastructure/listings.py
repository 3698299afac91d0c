# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Where the records are listed to which the options of other descriptions refer.

The descriptions of these records use the same listings. They are apart, so that a module that only refers to a record
does not ship how it is managed.
"""

from __future__ import annotations

from dataclasses import replace

from ..._model.field import Listing
from ..._model.resource import SERVERS

# Build servers run no applications; server.withSSHKey leaves them out.
BUILD_SERVERS = replace(SERVERS, label="build server", procedures=("server.buildServers",))
# A fork has other registries, destinations and drivers of networks (source of dokploy-community 0.29).
# The rows contain the password in clear, as those of destination.all contain keys: only ID and name are used.
REGISTRIES = Listing(
    "registry",
    ("registry.all",),
    "registryId",
    "registryName",
    kind_key="registryType",
    kinds=("cloud", "selfHosted"),
    module="dokploy_registry",
)
# allForApps leaves the private keys out; it came with 0.29.0.
SSH_KEYS = Listing(
    "SSH key", ("sshKey.allForApps", "sshKey.all"), "sshKeyId", many="SSH keys", module="dokploy_ssh_key"
)
DESTINATIONS = Listing(
    "destination",
    ("destination.all",),
    "destinationId",
    kind_key="destinationType",
    kinds=("s3",),
    module="dokploy_destination",
)
NETWORKS = Listing(
    "network",
    ("network.all",),
    "networkId",
    on_servers=True,
    kind_key="driver",
    kinds=("bridge", "overlay"),
    module="dokploy_network",
)


def git_providers(kind: str) -> Listing:
    """The Git providers of one kind. github.githubProviders and its like leave out those not connected yet."""
    return Listing(
        "git provider",
        ("gitProvider.getAll",),
        "%sId" % kind,
        nested=kind,
        outer="gitProvider",
        kind_key="providerType",
        kinds=(kind,),
    )
