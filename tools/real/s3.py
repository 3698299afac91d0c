# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""S3: moto's server of PyPI, with one bucket, for any key."""

from __future__ import annotations

from pathlib import Path

import requests

from tools.real import ports
from tools.real.room import Failed, Room, until

# As the integration targets name it.
BUCKET = "r1bucket"
READY_SECONDS = 60
# rclone looks at what it has uploaded in parts by its version, which moto refuses where a bucket has none (5.2.6).
_VERSIONS = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
#: moto looks at the form of it only.
ANY_KEY = "AWS4-HMAC-SHA256 Credential=real/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"


def server(room: Room) -> Path:
    """Its program, which is installed once."""
    return room.tool("moto[server]", "moto_server")


def up(room: Room, daemon: str = "s3", address: str = "127.0.0.1") -> dict[str, str]:
    """Start it. Returns C(REAL_S3), its URL, and C(REAL_BUCKET)."""
    ports.require_free(room, "s3", daemon)
    room.start(daemon, [server(room), "-H", address, "-p", str(ports.port("s3"))])
    url = f"http://{address}:{ports.port('s3')}"
    if not until(lambda: _made(f"{url}/{BUCKET}"), READY_SECONDS):
        raise Failed(f"s3: there is no bucket; see {room.folder / f'log/{daemon}.log'}")
    return {"REAL_S3": url, "REAL_BUCKET": BUCKET}


def _made(bucket: str) -> bool:
    try:
        # Its own answer to a bucket that is there: 409, or 200 in this region.
        headers = {"authorization": ANY_KEY}
        if requests.put(bucket, headers=headers, timeout=10).status_code not in (200, 409):
            return False
        return requests.put(f"{bucket}?versioning", _VERSIONS, headers=headers, timeout=10).status_code == 200
    except requests.RequestException:
        return False
