# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of a volume as a container sees them, those of the engine of a database among them."""

from __future__ import annotations

from ...store.volumes import OTHER_FILE, Volume

OF_ENGINES = {
    "postgres": ("PG_VERSION", "base/1/1259", "global/pg_control"),
    "mysql": ("ibdata1", "mysql.ibd"),
    "mariadb": ("ibdata1", "aria_log_control"),
    "mongo": ("WiredTiger", "WiredTiger.wt"),
}
"""Some of what an engine has in its data directory."""


def of_engine(volume: Volume) -> tuple[str, ...]:
    """The paths of the files of an engine in a volume."""
    return OF_ENGINES.get(volume.engine, ())


def of_volume(volume: Volume) -> dict[str, str]:
    """Path -> content; the files of an engine have none to be read."""
    engine = dict.fromkeys(of_engine(volume), "")
    other = {OTHER_FILE: volume.text} if volume.text and not engine else {}
    return {**engine, **other, **volume.files}
