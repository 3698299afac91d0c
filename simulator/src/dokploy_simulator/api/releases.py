# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which releases there are, and which of them behaves in a newer way.

``Config.has(NAME)`` tests whether the simulated release has a behaviour of some ``behaviours.json``. Measured on the
releases of ``MEASURED``; the release in between that brought a change was read in Dokploy's source, and so was all that
came after the last one of them."""

from __future__ import annotations

import re

from .release_folders import content, stored, version_key

RELEASE = re.compile(r"v?[0-9]+\.[0-9]+\.[0-9]+")
OLDEST = stored()[0]
NEWEST = stored()[-1]
MEASURED = tuple(version for version in stored() if content(version, "release").get("measured"))
NEWEST_MEASURED = MEASURED[-1]

# Each behaviour that Dokploy changed, and the release that brought it.
BEHAVIOURS: dict[str, str] = {name: version for version in stored() for name in content(version, "behaviours")}


def check_version(version: str) -> None:
    """Raises ``ValueError`` for a text that is no release from ``OLDEST`` to ``NEWEST``.

    A release in between whose facts are not stored has those of the stored one before it."""
    if not RELEASE.fullmatch(version) or not version_key(OLDEST) <= version_key(version) <= version_key(NEWEST):
        raise ValueError(f"setting version is a release from {OLDEST} to {NEWEST}, got {version!r}")


def check_release(version: object) -> None:
    """Raises ``ValueError`` for a release, with or without the ``v`` of its tag, that is not stored."""
    if not isinstance(version, str) or version.removeprefix("v") not in stored():
        raise ValueError(f"{version!r} is not a release that it plays: {', '.join(stored())}")


def has(version: str, behaviour: str) -> bool:
    """Whether a release behaves in the newer way. Raises ``KeyError`` for a name that no release has."""
    return version_key(version) >= version_key(BEHAVIOURS[behaviour])
