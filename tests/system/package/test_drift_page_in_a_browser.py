# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages of reports in a browser: nothing sticks out, their policy lets the script run, and the filters work."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.filter.drift import FilterModule
from ansible_collections.community.dokploy.plugins.plugin_utils._procedures.steps import STEPS
from tests.support.drift import CHECKED, Compared, many, service
from tests.unit.filter.test_data_reports import ROW
from tools import browser

LONG = "a-name-without-any-place-for-a-line-to-break-" * 4
WEB = f"{LONG}/production/{LONG}"
FILTER = """(([name, value]) => {
  const field = document.getElementById(name);
  field.value = value;
  field.dispatchEvent(new Event("input", {bubbles: true}));
  const shown = [...document.querySelectorAll(".row")].filter((row) => row.checkVisibility());
  return [shown.length, document.querySelector("#shown").textContent];
})(%s)"""


def page(file: Path, compared: Compared) -> Path:
    filters = FilterModule().filters()
    report = filters["drift_report"](compared.result, checked_at=CHECKED, server=f"https://{LONG}.example.com")
    file.write_text(filters["drift_page"](report))
    return file


def recovery(file: Path) -> Path:
    """A report on data, with long texts in its cells."""
    filters = STEPS
    row = {**ROW, "path": WEB, "outcome": "failed", "failed": True, "msg": LONG}
    report = filters["recovery_report"]({"archives": [row], "archive_checks": [], "failed": True, "msg": LONG})
    file.write_text(filters["report_page"](report))
    return file


def few() -> Compared:
    """Long texts wherever there can be any."""
    compared = Compared(service(WEB, "application", "error", "done"), service(f"{LONG}/staging/db", "database", "done"))
    compared.result["resources"][0]["deployment"]["error_message"] = LONG
    text = f"services:\n  web:\n    image: {LONG}\n"
    compared.differs(WEB, {"docker": {"image": LONG}, "env": {LONG: "(hidden) old"}}, {"env": {LONG: "(hidden) new"}})
    compared.differs(WEB, action="deploy", reason="configuration changed")
    compared.differs(LONG, {"text": text}, {"text": text + LONG}, kind="registry").unmanaged(LONG, "project")
    compared.result["failures"] = [{"kind": "registry", "path": LONG, "msg": LONG}]
    return compared


async def looked_at(program: str, pages: dict[str, Path]) -> dict[str, Any]:
    """What sticks out or is cut off, by page and width, and what the filters show of the large page."""
    found: dict[str, Any] = {}
    with browser.running(program) as port:
        async with browser.tab(port) as tab:
            for width in browser.WIDTHS.values():
                for name, file in pages.items():
                    await tab.open(file, width)
                    found[f"{name} at {width}"] = await tab.measure()
            for given in (["search", "Name-999"], ["project", "project-49"], ["search", "project-49 name-98"]):
                answer = await tab.ask("Runtime.evaluate", expression=FILTER % given, returnByValue=True)
                found[" ".join(given)] = answer["result"]["value"]
    return found


@pytest.mark.skipif(browser.installed() is None, reason="no Chromium is installed to open the page with")
def test_the_page_of_the_role_drift(tmp_path: Path) -> None:
    program = browser.installed()
    assert program is not None
    data = recovery(tmp_path / "recovery.html")
    pages = {
        "recovery": data,
        "few": page(tmp_path / "few.html", few()),
        "many": page(tmp_path / "many.html", many(1000)),
    }
    found = asyncio.run(looked_at(program, pages))
    assert {name: found.pop(name) for name in list(found) if " at " in name} == {
        f"{name} at {width}": [] for name in pages for width in browser.WIDTHS.values()
    }
    # Each as a difference and as a service: there is no room for the last ones of the other parts.
    assert {name: count for name, (count, _text) in found.items()} == {
        "search Name-999": 2,
        "project project-49": 2,
        "search project-49 name-98": 20,
    }
    assert all(text.startswith(f"{count} of ") for count, text in found.values())
