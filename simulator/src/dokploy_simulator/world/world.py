# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that Dokploy works with: its rows, Docker, buckets, servers, sites, and the settings of all of it."""

from __future__ import annotations

from ..store.store import Store
from . import web_server
from .buckets import Buckets
from .build_outcomes import BuildOutcomes
from .config import Config
from .containers import commands, engines
from .docker.docker import Docker
from .outside import Outside
from .ssh_hosts import SshHosts


class World:
    """What one simulated Dokploy works with. ``store``, ``docker`` and the others are new ones after a reset."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.build_outcomes = BuildOutcomes(config)
        self.buckets = Buckets(config)
        self.outside = Outside(config)
        self.work_on(Store())

    def work_on(self, store: Store) -> None:
        """Take these rows for its own. Docker and the servers are as they are before anything ran."""
        self.store = store
        docker = self.docker = Docker(self.config, store, self.build_outcomes)
        docker.run_command = lambda task: commands.run(docker, task)
        docker.ending = lambda task: engines.end(store, task)
        self.ssh_hosts = SshHosts(self.config, store)

    def reset_state(self) -> None:
        """No rows, and nothing ever happened."""
        self.buckets.replaced.set()
        self.buckets = Buckets(self.config)
        self.outside = Outside(self.config)
        self.work_on(Store())
        web_server.install(self.store)
