# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator's page at the widths of a screen and of a phone: nothing is cut off, nothing sticks out."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import requests

from dokploy_simulator import Simulator
from tools import browser

LONG = "a-name-without-any-place-for-a-line-to-break-" * 4


async def measured(program: str, page: Path) -> dict[str, list[str]]:
    """What sticks out or is cut off, by width."""
    found = {}
    with browser.running(program) as port:
        async with browser.tab(port) as tab:
            for name, width in browser.WIDTHS.items():
                await tab.open(page, width)
                found[name] = await tab.measure()
    return found


def saved(sim: Simulator, file: Path) -> Path:
    """The page as a file; it needs nothing else."""
    file.write_text(requests.get(sim.url, headers={"Accept": "text/html"}, timeout=20).text)
    return file


@pytest.mark.skipif(browser.installed() is None, reason="no Chromium is installed to measure the page with")
def test_the_page_fits(tmp_path: Path) -> None:
    program = browser.installed()
    assert program is not None
    with Simulator(seeded=True) as sim:
        requests.get(f"{sim.url}/api/project.all", headers={"x-api-key": sim.key}, timeout=20)
        made = sim.execute("project.create", name=LONG, description=LONG)
        environment = made["environment"]["environmentId"]
        application = sim.execute("application.create", name=LONG, environmentId=environment)
        columns = {"sourceType": "docker", "dockerImage": f"registry.example.com/{LONG}"}
        sim.act(set=application["applicationId"], fields=columns)
        sim.act(deploy=application["applicationId"], title=LONG)
        sim.execute("domain.create", host="x" * 60 + ".example.com", applicationId=application["applicationId"])
        sim.act(registry=LONG, registryUrl=f"{LONG}.example.com")
        sim.execute("tag.create", name=LONG)
        sim.execute(
            "tag.assignToProject", projectId=made["project"]["projectId"], tagId=sim.execute("tag.all")[0]["tagId"]
        )
        sim.settle()
        page = saved(sim, tmp_path / "page.html")
    assert asyncio.run(measured(program, page)) == {"screen": [], "phone": []}
