# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that Dokploy works with: its rows, Docker, buckets, servers, sites, and the settings of all of it."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from ..store.store import Store
from . import web_server
from .buckets import Buckets
from .build_outcomes import BuildOutcomes
from .config import Config
from .containers import commands, engines
from .docker.docker import Docker
from .outside import Outside
from .ssh_hosts import SshHosts
from .writers import Writer


class World:
    """What one simulated Dokploy works with. ``store``, ``docker`` and the others are new ones after a reset."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.build_outcomes = BuildOutcomes(config)
        self.buckets = Buckets(config)
        self.outside = Outside(config)
        self.begin()

    def begin(self) -> None:
        # name -> who writes with each call
        self.writers: dict[str, Writer] = {}
        # service -> the lock that Dokploy has while it is turned off for a backup of a volume
        self.volume_locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        # volume -> the newest restore of the database in it, while it runs
        self.restoring: dict[str, object] = {}
        self.work_on(Store())

    def work_on(self, store: Store) -> None:
        """Take these rows for its own. Docker and the servers are as they are before anything ran."""
        self.store = store
        docker = self.docker = Docker(self.config, store, self.build_outcomes)
        docker.run_command = lambda task: commands.run(docker, task)
        docker.ending = lambda task: engines.end(store, task)
        self.ssh_hosts = SshHosts(self.config, store)

    def is_written(self, volume: str) -> bool:
        """Whether the files of a volume change at this moment."""
        return any(writer.runs() and writer.volume() == volume for writer in self.writers.values())

    def free_bytes(self) -> float:
        """What is free on the disk of Dokploy's host, where every archive stays that was restored (measured)."""
        return self.config.disk_free - sum(self.store.kept_archives.values())

    def reset_state(self) -> None:
        """No rows, and nothing ever happened."""
        self.buckets.replaced.set()
        self.buckets = Buckets(self.config)
        self.outside = Outside(self.config)
        self.begin()
        web_server.install(self.store)
