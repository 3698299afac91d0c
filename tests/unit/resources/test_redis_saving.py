# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether Redis gets the signal with which its container is ended."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.databases.redis_saving import lost_on_stop

CURE = 'exec redis-server --requirepass "$REDIS_PASSWORD"'


@pytest.mark.parametrize(
    ("row", "is_lost"),
    [
        ({}, True),
        ({"command": None, "args": None}, True),
        ({"command": "", "args": None, "dockerImage": "redis:8"}, True),
        ({"command": None, "args": None, "dockerImage": "redis:8-alpine"}, False),
        # Then the image starts it, without a shell.
        ({"command": None, "args": []}, False),
        ({"command": None, "args": ["--appendonly", "yes"]}, False),
        ({"command": "redis-server", "args": ["-c", "redis-server"]}, False),
        ({"command": "/bin/sh", "args": ["-c", CURE]}, False),
        ({"command": "/bin/sh -c", "args": [CURE]}, False),
        ({"command": "/bin/sh", "args": ["-c", "ulimit -n 4096; exec redis-server"]}, False),
        ({"command": "/bin/sh", "args": ["-c", "redis-server --appendonly yes"]}, True),
        ({"command": "sh", "args": ["-c", "redis-server --logfile exec"]}, True),
        ({"command": "/bin/sh -c", "args": ["redis-server"]}, True),
        ({"command": "/start.sh", "args": ["-c", "x"]}, False),
    ],
)
def test_a_shell_that_stays_in_front_of_redis_loses_data(row: dict[str, Any], is_lost: bool) -> None:
    assert bool(lost_on_stop(row)) is is_lost
