# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of the fault tests, and the tables of their verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.system.fault_injection import matrix
from tests.system.fault_injection.case import FAILED, MISSED, SUCCEEDED

COLUMNS = ("cases", SUCCEEDED, FAILED, MISSED, "survivors")
# A case whose fault strikes no request tests nothing; a few cannot be avoided.
MUST_MEET = 0.9


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("fault injection")
    group.addoption("--all-faults", action="store_true", help="all cases instead of a sample")
    group.addoption("--fault-seed", type=int, default=matrix.SEED, help="seed for the requests at which playbooks fail")
    group.addoption("--playbook-faults", type=int, default=0, metavar="N", help="N kills and N faults of each playbook")


@pytest.fixture(scope="session", autouse=True)
def no_proxy() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "127.0.0.1")
        yield


def verdicts(config: pytest.Config) -> list[tuple[str, str, str, str, int]]:
    """What was tested, the scenario, the fault, the outcome and the number of problems of each case."""
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    found = []
    for reports in reporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "call":
                for name, rows in report.user_properties:
                    found += [(name, *row) for row in rows]
    return found


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput"):
        rows = verdicts(session.config)
        if sum(row[3] != MISSED for row in rows) < MUST_MEET * len(rows):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    rows = verdicts(config)
    for what in sorted({row[0] for row in rows}):
        own = [row for row in rows if row[0] == what]
        for line in (*table("scenario", own, 1), *table("fault", own, 2)):
            terminalreporter.write_line(line)
        met = sum(row[3] != MISSED for row in own)
        bad = sum(bool(row[4]) for row in own)
        terminalreporter.write_line(f"{what}: {len(own)} cases, {met} of them met their fault, {bad} survivors")
    if sum(row[3] != MISSED for row in rows) < MUST_MEET * len(rows):
        terminalreporter.write_line("Too many cases did not meet their fault.", red=True)


def table(head: str, rows: list[tuple[Any, ...]], column: int) -> Iterator[str]:
    """The number of cases of each name by their outcome."""
    counts: Counter[tuple[str, str]] = Counter()
    for row in rows:
        for name in (row[column], "total"):
            counts.update([(name, "cases"), (name, row[3])])
            counts[name, "survivors"] += bool(row[4])
    yield ""
    yield f"{head:<28}" + "".join(f"{name:>11}" for name in COLUMNS)
    for name in (*dict.fromkeys(row[column] for row in rows), "total"):
        yield f"{name:<28}" + "".join(f"{counts[name, one]:>11}" for one in COLUMNS)
