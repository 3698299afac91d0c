# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs against a real server, as one table: C(make real-test).

The server is that of C(DOKPLOY_URL) and C(DOKPLOY_API_KEY), or the instance that C(make real) has brought up: its file
C(environment) says where it is, and what is beside it. The integration targets run on both paths, as the tests of
C(tests/real) do.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import requests

from dokploy_simulator.api.release_folders import version_key
from tools import workspace
from tools.integration.job import NEEDED
from tools.integration.targets import paths, targets
from tools.real.__main__ import variables_of
from tools.workspace import CACHE, ROOT

TESTS = "tests/real"
TARGETS = "integration"
Environment = Mapping[str, str]
VARIABLES = re.compile(r"(DOKPLOY|REAL)_")
# Says of a file of tests that it takes long: it kills runs that move much data, again and again.
LONG = "pytestmark = pytest.mark.long"
# What the last run has found so far, in the folder of its table.
STATE = "state.json"


class NoServer(Exception):
    """Nothing says where the server is; the text says what to do."""


class OtherRelease(Exception):
    """The last run was of another release; the text names both."""


@dataclass(frozen=True)
class Row:
    """One run. C(note) has its first problem, why it did not run, or what the server is too old for."""

    target: str
    path: str
    result: str
    seconds: float = 0
    note: str = ""


def variables(room: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Where the server and what is beside it are: those of the caller, or else those of a room.

    :raises NoServer: there is neither.
    """
    own = {name: value for name, value in environ.items() if VARIABLES.match(name)}
    if "DOKPLOY_URL" in own:
        return own
    file = room / "environment"
    # It is empty where make real has not come to its end.
    named = variables_of(file) if file.is_file() else {}
    if "DOKPLOY_URL" not in named:
        raise NoServer(f"{file} names no server: make real, or set DOKPLOY_URL and DOKPLOY_API_KEY.")
    return {**named, **own}


def version(server: Environment) -> str:
    answer = requests.get(
        f"{server['DOKPLOY_URL']}/api/settings.getDokployVersion",
        headers={"x-api-key": server["DOKPLOY_API_KEY"]},
        timeout=60,
    )
    answer.raise_for_status()
    return str(answer.json()).removeprefix("v")


def integration(options: argparse.Namespace, names: Sequence[str], environment: Environment, folder: Path) -> list[Row]:
    """Run integration targets, all of them if none is named."""
    file = folder / "integration.json"
    command = [sys.executable, "-m", "tools.integration", "--json", str(file)]
    command += [word for name in names for word in ("--target", name)]
    command += ["--path", options.path] if options.path else []
    subprocess.run(command, cwd=ROOT, env=environment, check=False)
    rows = integration_rows(file)
    file.unlink(missing_ok=True)
    return rows or [Row(TARGETS, options.path, "failed", note="it ended without a result")]


def integration_rows(file: Path) -> list[Row]:
    """The runs of a file of the runner, which is written as they end; none without it."""
    if not file.is_file():
        return []
    content = json.loads(file.read_text())
    return [
        *(
            Row(
                run["target"],
                run["path"],
                "failed" if run["problems"] else "passed",
                run["seconds"],
                first_line(run["cause"] or " ".join(run["problems"])) or without(run["too_old"]),
            )
            for run in content["runs"]
        ),
        *(Row(name, "", "not had", note="needs the simulator") for name in content["left_out"]),
    ]


def without(too_old: Sequence[str]) -> str:
    """What a run that passed went on without."""
    return f"without what the server is too old for: {', '.join(too_old)}" if too_old else ""


def tests(name: str, chosen: str, environment: Environment, folder: Path) -> list[Row]:
    """Run a file of tests, but those that an expression of pytest leaves out."""
    file = folder / "tests.xml"
    file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", f"--junit-xml={file}", name]
    command += ["-k", chosen] if chosen else []
    subprocess.run(command, cwd=ROOT, env=environment, check=False)
    if not file.is_file():
        return [Row(name, "", "failed", note="it ended without a result")]
    return [test_row(case) for case in ET.parse(file).getroot().iter("testcase")]


def test_row(case: ET.Element) -> Row:
    """A row of a test, whose parameter is the path, if it has one."""
    name, parameter = case.get("name", "").removesuffix("]").partition("[")[::2]
    result, note = "passed", ""
    for kind, word in (("skipped", "not had"), ("failure", "failed"), ("error", "failed")):
        outcome = case.find(kind)
        if outcome is not None:
            result, note = word, first_line(outcome.get("message") or outcome.text or "")
    return Row(name.removeprefix("test_"), parameter, result, float(case.get("time") or 0), note)


def without_the_new(rows: Sequence[Row], release: str) -> list[Row]:
    """The rows, in which what the release is too old for is not had: the collection refuses it before a write."""

    # A fork has more behind it.
    own = version_key(release.partition("-")[0])

    def judged(row: Row) -> Row:
        needed = NEEDED.search(row.note) if row.result == "failed" else None
        return replace(row, result="not had") if needed and version_key(needed[2]) > own else row

    return [judged(row) for row in rows]


def issues(rows: Sequence[Row], release: str) -> list[dict[str, str]]:
    """An issue for each target that failed, on whichever path: C(title), C(body). The title names the minor release, so
    that the next patch has the same one."""
    failures: dict[str, list[Row]] = {}
    for row in rows:
        if row.result == "failed":
            failures.setdefault(row.target, []).append(row)
    minor = ".".join(release.split(".")[:2])
    return [
        {
            "title": f"Dokploy {minor}: {target} fails on a real server",
            "body": f"Found on {release} with `make real-test`.\n\n{table(failed, release)}\n"
            '"A nightly run on real servers" in `CONTRIBUTING.md` says how to run it again.\n',
        }
        for target, failed in failures.items()
    ]


def as_json(rows: Sequence[Row], release: str) -> str:
    content = {"release": release, "rows": [asdict(row) for row in rows], "issues": issues(rows, release)}
    return json.dumps(content, indent=1) + "\n"


def first_line(text: str, length: int = 160) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= length else f"{line[: length - 1]}…"


def table(rows: Sequence[Row], release: str) -> str:
    """The table as Markdown, failures first, and the counts below it."""
    order = {"failed": 0, "not had": 1, "passed": 2}
    lines = ["| target | path | release | result | seconds | |", "| --- | --- | --- | --- | --- | --- |"]
    for row in sorted(rows, key=lambda row: (order[row.result], row.target, row.path)):
        note = row.note.replace("|", "\\|")
        lines.append(f"| {row.target} | {row.path} | {release} | {row.result} | {row.seconds:.0f} | {note} |")
    counts = ", ".join(f"{sum(row.result == word for row in rows)} {word}" for word in ("passed", "failed", "not had"))
    return "\n".join([*lines, "", counts, ""])


# --- a run that goes on where it was ended ---------------------------------------------------------------------------


@dataclass
class State:
    """What has been found so far, of the targets and of each file of tests, and is written as it is found."""

    folder: Path
    release: str
    parts: dict[str, list[Row]]

    @classmethod
    def read(cls, folder: Path, release: str) -> State:
        """That of the last run.

        :raises OtherRelease: it was of another release.
        """
        file = folder / STATE
        content: dict[str, Any] = {"release": release, "parts": {}}
        if file.is_file():
            content = json.loads(file.read_text())
        if content["release"] != release:
            raise OtherRelease(f"The last run was of {content['release']}, and this server is {release}.")
        state = cls(folder, release, {part: [Row(**row) for row in rows] for part, rows in content["parts"].items()})
        # It may have been ended among the targets.
        state.add(TARGETS, integration_rows(folder / "integration.json"))
        return state

    def add(self, part: str, rows: Sequence[Row]) -> None:
        """Put these rows in the place of those of the same targets, and of one that says that there was no result."""
        names = {part, *(row.target for row in rows)}
        kept = [row for row in self.parts.get(part, []) if row.target not in names]
        self.parts[part] = [*kept, *rows]
        parts = {name: list(map(asdict, part_rows)) for name, part_rows in self.parts.items()}
        (self.folder / STATE).write_text(json.dumps({"release": self.release, "parts": parts}))

    def failed(self, part: str) -> list[str] | None:
        """What has failed of a part; nothing is known where it has not come to its end."""
        rows = self.parts.get(part, [Row(part, "", "failed")])
        names = sorted({row.target for row in rows if row.result == "failed"})
        return None if part in names else names

    def rest(self, names: Sequence[str], path: str) -> list[str]:
        """The targets that have not passed on each of their paths."""
        rows = [row for row in self.parts.get(TARGETS, []) if row.result != "failed"]
        had = {(row.target, row.path) for row in rows}
        return [
            name
            for name in names
            if (name, "") not in had and not {(name, way) for way in paths(name, path or None, False)} <= had
        ]

    def rows(self) -> list[Row]:
        return without_the_new([row for rows in self.parts.values() for row in rows], self.release)


def run(options: argparse.Namespace, environment: Environment, state: State) -> None:
    """Run what is asked for, but what has passed already."""
    if options.only != "tests":
        names = options.target or targets()
        rest = state.rest(names, options.path)
        if rest:
            state.add(TARGETS, integration(options, [] if rest == targets() else rest, environment, state.folder))
    if options.only != "integration":
        for name in files(options, long=False):
            failed = state.failed(name)
            if failed is None or failed:
                chosen = " or ".join(failed or ()) or options.tests
                state.add(name, tests(name, chosen, environment, state.folder))


def files(options: argparse.Namespace, *, long: bool) -> list[str]:
    """The files of tests that run, or those that are left out since they take long."""
    every_file = sorted(ROOT.glob(f"{TESTS}/test_*.py"))
    left = [file for file in every_file if LONG in file.read_text() and not (options.all or options.tests)]
    return [str(file.relative_to(ROOT)) for file in every_file if (file in left) == long]


def left_out(options: argparse.Namespace) -> list[Row]:
    names = [] if options.only == "integration" else files(options, long=True)
    return [
        Row(Path(name).stem.removeprefix("test_"), "", "not had", note="takes long: only with --all") for name in names
    ]


def parsed(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make real-test", description=__doc__)
    parser.add_argument("--room", type=Path, default=CACHE / "real", help="the folder of the instance (%(default)s)")
    parser.add_argument("--target", action="append", default=[], help="only this integration target; repeatable")
    parser.add_argument("--path", default="", choices=["action", "module"], help="only this path of the targets")
    parser.add_argument("--tests", default="", metavar="EXPRESSION", help=f"only these of {TESTS}, as pytest's -k")
    parser.add_argument("--all", action="store_true", help=f"also the files of {TESTS} that take long")
    parser.add_argument("--only", choices=["integration", "tests"], help="only this part")
    parser.add_argument(
        "--resume", action="store_true", help="go on with the last run: keep what has passed, and run the rest"
    )
    parser.add_argument("--markdown", type=Path, action="append", default=[], help="append the table to this file, too")
    parser.add_argument("--json", type=Path, help="write the rows, and what a workflow opens issues of, to this file")
    parser.add_argument(
        "--release", default="", help="of a server that may not have come up: then this is the only row, which failed"
    )
    return parser.parse_args(words)


def main(words: Sequence[str]) -> int:
    options = parsed(words)
    folder = CACHE / "real-test"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        server = variables(options.room, os.environ)
        release = version(server)
    except (NoServer, requests.RequestException) as error:
        if not options.release:
            sys.exit(str(error))
        release, rows = options.release, [Row("make real", "", "failed", note=first_line(str(error)))]
    else:
        if not options.resume:
            for name in (STATE, "integration.json"):
                (folder / name).unlink(missing_ok=True)
        try:
            state = State.read(folder, release)
        except OtherRelease as error:
            sys.exit(str(error))
        run(options, {**workspace.environment(), **server}, state)
        rows = [*state.rows(), *left_out(options)]
    text = table(rows, release)
    print(f"\n{text}")
    (folder / "table.md").write_text(text)
    for file in options.markdown:
        with file.open("a") as output:
            output.write(text)
    if options.json:
        options.json.write_text(as_json(rows, release))
    return int(any(row.result == "failed" for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
