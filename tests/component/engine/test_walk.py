# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a reader, and a debugger, must walk to follow one changed option."""

from __future__ import annotations

import sys
from collections import Counter
from types import FrameType
from typing import Any

from ansible_collections.community.dokploy.plugins.module_utils._resources.projects.project import OPERATION as PROJECT
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import OPERATION
from tests.support.host import Host

FOLDER = "/plugins/module_utils/"
# The most files that are entered, and the most calls from one of them into another.
FILES, CALLS = 30, 264


def test_a_changed_option_enters_few_files(host: Host) -> None:
    web = {"project": "shop", "name": "web"}
    host.ok(PROJECT, name="shop")
    host.ok(OPERATION, **web, docker={"image": "nginx:1"}, memory_limit="256m")
    host.new_task()
    entered: set[str] = set()
    calls: Counter[tuple[str, str]] = Counter()

    def follow(frame: FrameType | None, event: str, _argument: Any) -> None:
        names = []
        while event == "call" and frame is not None and len(names) < 2:
            name = frame.f_code.co_filename
            if FOLDER in name:
                names.append(name.rpartition(FOLDER)[2])
            elif not names:
                return
            frame = frame.f_back
        entered.update(names[:1])
        if len(names) == 2 and names[0] != names[1]:
            calls[names[1], names[0]] += 1

    sys.setprofile(follow)
    try:
        result = host.ok(OPERATION, **web, memory_limit="512m")
    finally:
        sys.setprofile(None)
    assert result["diff"]["after"] == {"memory_limit": "512M"}
    assert len(entered) <= FILES, sorted(entered)
    assert calls.total() <= CALLS, calls.most_common(20)
