# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator answers as the releases that ``make record`` has met."""

from __future__ import annotations

import pytest

from tools.record.requests_file import pairs, recorded

from .exceptions_recorded import EXCEPTIONS, OF_RELEASES
from .recorded_releases import Recorded, unexpected, unneeded


@pytest.mark.parametrize("release", recorded())
def test_release(release: str) -> None:
    player = Recorded(release, pairs(release))
    try:
        player.play()
    finally:
        player.close()
    problems = unexpected(release, player)
    assert not problems, "\n" + "\n".join("\n  ".join([record, *lines]) for record, lines in problems.items())
    assert not unneeded(release, player)


def test_exceptions_have_a_reason_and_a_release() -> None:
    tables = [EXCEPTIONS, *OF_RELEASES.values()]
    assert OF_RELEASES.keys() <= set(recorded())
    assert all(reason for table in tables for _places, reason in table.values())
