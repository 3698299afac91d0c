# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The releases whose behaviour was measured, and which of all has an option."""

from __future__ import annotations

from dokploy_simulator.api.releases import MEASURED, NEWEST
from tests.support.described_options import DescribedOption
from tests.support.effort import THOROUGH

RELEASES = MEASURED
# For what takes long on each; `make test-all` runs it on all of them, and on the newest that is known.
SAMPLE = (*RELEASES, NEWEST) if THOROUGH else (RELEASES[0], RELEASES[-1])


def first_release(described: DescribedOption) -> tuple[int, ...] | None:
    """The release that brought the option, or what it is an option of; ``None``: the oldest one has it."""
    found = [described.field.since, described.child.since if described.child else None, described.top.since]
    return max((version for version in found if version is not None), default=None)
