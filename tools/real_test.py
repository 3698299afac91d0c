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

import requests

from dokploy_simulator.api.release_folders import version_key
from tools import workspace
from tools.real.__main__ import variables_of
from tools.workspace import CACHE, ROOT

TESTS = "tests/real"
VARIABLES = re.compile(r"(DOKPLOY|REAL)_")
# What the collection says of what an older server does not have.
NEEDED = re.compile(r"\bneeds Dokploy (\d+\.\d+\.\d+) or newer\b")


class NoServer(Exception):
    """Nothing says where the server is; the text says what to do."""


@dataclass(frozen=True)
class Row:
    """One run. C(note) has its first problem, or why it did not run."""

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


def version(server: Mapping[str, str]) -> str:
    answer = requests.get(
        f"{server['DOKPLOY_URL']}/api/settings.getDokployVersion",
        headers={"x-api-key": server["DOKPLOY_API_KEY"]},
        timeout=60,
    )
    answer.raise_for_status()
    return str(answer.json()).removeprefix("v")


def integration(targets: Sequence[str], path: str, environment: Mapping[str, str], folder: Path) -> list[Row]:
    """Run integration targets, all of them if none is named."""
    file = folder / "integration.json"
    file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tools.integration", "--json", str(file)]
    command += [word for name in targets for word in ("--target", name)]
    command += ["--path", path] if path else []
    subprocess.run(command, cwd=ROOT, env=environment, check=False)
    if not file.is_file():
        return [Row("integration", path, "failed", note="it ended without a result")]
    content = json.loads(file.read_text())
    return [
        *(
            Row(
                run["target"],
                run["path"],
                "failed" if run["problems"] else "passed",
                run["seconds"],
                first_line(run["cause"] or " ".join(run["problems"])),
            )
            for run in content["runs"]
        ),
        *(Row(name, "", "not had", note="needs the simulator") for name in content["left_out"]),
    ]


def tests(environment: Mapping[str, str], folder: Path, chosen: str) -> list[Row]:
    """Run the tests of a real server, but those that an expression of pytest leaves out."""
    file = folder / "tests.xml"
    file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", f"--junit-xml={file}", TESTS]
    command += ["-k", chosen] if chosen else []
    subprocess.run(command, cwd=ROOT, env=environment, check=False)
    if not file.is_file():
        return [Row(TESTS, "", "failed", note="it ended without a result")]
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
        return replace(row, result="not had") if needed and version_key(needed[1]) > own else row

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


def run(options: argparse.Namespace, environment: Mapping[str, str], folder: Path) -> list[Row]:
    rows: list[Row] = []
    if options.only != "tests":
        rows += integration(options.target, options.path, environment, folder)
    if options.only != "integration":
        rows += tests(environment, folder, options.tests)
    return rows


def parsed(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make real-test", description=__doc__)
    parser.add_argument("--room", type=Path, default=CACHE / "real", help="the folder of the instance (%(default)s)")
    parser.add_argument("--target", action="append", default=[], help="only this integration target; repeatable")
    parser.add_argument("--path", default="", choices=["action", "module"], help="only this path of the targets")
    parser.add_argument("--tests", default="", metavar="EXPRESSION", help=f"only these of {TESTS}, as pytest's -k")
    parser.add_argument("--only", choices=["integration", "tests"], help="only this part")
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
        environment = {**workspace.environment(), **server}
        rows = without_the_new(run(options, environment, folder), release)
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
