# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a removal tells of the data of a service."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.services.losses import losses

DATA, CACHE = ({"type": "volume", "volumeName": name} for name in ("db-data", "cache"))
BACKUP = {"destinationId": "d1"}


@pytest.mark.parametrize(
    ("row", "params", "known", "told"),
    [
        ({"mounts": []}, {}, {}, []),
        ({"mounts": [DATA]}, {}, {}, ["leaves the volume db-data"]),
        ({"mounts": [DATA, CACHE]}, {"delete_volumes": False}, {}, ["leaves the volumes cache, db-data"]),
        (
            {"mounts": [DATA, CACHE]},
            {"delete_volumes": True},
            {"volumes": ["db-data"]},
            ["deletes the volume db-data"],
        ),
        ({"mounts": [DATA]}, {"delete_volumes": True}, {"volumes": []}, []),
        ({"composeId": "c"}, {"delete_volumes": True}, {}, []),
        ({"composeId": "c", "deployments": [{}]}, {}, {}, ["leaves the volumes of its containers"]),
        (
            {"composeId": "c", "deployments": [{}]},
            {"delete_volumes": True},
            {},
            ["deletes the volumes of its containers"],
        ),
        (
            {"backups": [BACKUP], "volumeBackups": [BACKUP, {"destinationId": "d2"}]},
            {},
            {},
            ["ends 3 backups, whose files stay in d2, s3"],
        ),
    ],
)
def test_losses(row: dict[str, Any], params: dict[str, Any], known: dict[str, Any], told: list[str]) -> None:
    assert list(losses(row, params, known, {"d1": "s3"})) == told
