# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One running Dokploy: the world that it works with, and its queue of builds."""

from __future__ import annotations

from ..store.store import Store
from ..world.world import World
from .queue import Queue


class Instance(World):
    """What the procedures work on."""

    def work_on(self, store: Store) -> None:
        super().work_on(store)
        self.queue = Queue(self)

    def reset_state(self) -> None:
        self.queue.shutdown()
        super().reset_state()
