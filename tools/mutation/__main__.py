# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the tests notice mistakes: ``python -m tools.mutation [--count 200] [--seed 1] [--revision COMMIT] ...``.

Each mutant is one small mistake in the engine or in a description. The unit and component tests that execute the
changed lines run on a copy of the checkout until one fails, which kills the mutant. For lines that run while modules
are imported, such as those of descriptions, these are the tests with the name of the resource. The report goes to
standard output, and with all about each mutant to C(.cache/mutation/report.json).
"""

from __future__ import annotations

import argparse
import ast
import concurrent.futures
import hashlib
import io
import json
import os
import pickle
import queue
import re
import shutil
import signal
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tools import check, workspace
from tools.mutation.mutants import Mutant, chosen, mutants
from tools.workspace import CACHE, ROOT

BASE = CACHE / "mutation"
PACKAGES = ("_reads", "_engine", "_deployment", "_values", "_resources")
# The tests nearest to a mutant run first, for so many seconds of their processor time.
NEAR = 15.0
# A test gets so many seconds of processor time, and 20 times what it took.
LIMIT = 10.0
# A word that more tests than these have in their names tells nothing.
COMMON = 1500


@dataclass(frozen=True)
class Recorded:
    """What one test executes: processor time in seconds, and for each file the lines, as bits of a number."""

    seconds: float
    lines: Mapping[str, int]


def tree(revision: str | None, number: int) -> Path:
    """A copy of the checkout, or of one of its commits; returns the collection's folder in it."""
    base = BASE / f"{revision or 'checkout'}-{number}"
    if revision is None:
        return workspace.copy(base)
    folder = base / workspace.NAMESPACE
    shutil.rmtree(folder, ignore_errors=True)
    text = subprocess.run(["git", "archive", revision], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    with tarfile.open(fileobj=io.BytesIO(text)) as archive:
        archive.extractall(folder, filter="tar")
    # Some tests ask git for the files.
    for words in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *words], cwd=folder, check=True, env=workspace.environment(base))
    return folder


def pytest(folder: Path, words: Iterable[str], limit: float | None, **variables: Path) -> tuple[int, str]:
    """Run pytest in a copy, with the plugin; returns its status and what it said. Nothing it started outlives it."""
    env = workspace.environment(folder.parents[2])
    env |= {name: str(value) for name, value in variables.items()}
    env["PYTHONPATH"] = os.pathsep.join([str(folder / "simulator/src"), str(Path(__file__).parent)])
    command = [*check.python("-m", "pytest", "-q", "-p", "executed_lines", "-p", "no:cacheprovider"), *words]
    with subprocess.Popen(
        [str(word) for word in command],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            output = process.communicate(timeout=limit)[0]
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output = process.communicate()[0]
    return process.returncode, output


def recorded(folder: Path) -> dict[str, Recorded]:
    """What each unit and component test of a copy executes; recorded once for the same files."""
    parts = ("plugins", "simulator", "tests/unit", "tests/component", "tests/support", "conftest.py")
    names = [path for part in parts for path in [folder / part, *folder.joinpath(part).rglob("*")] if path.is_file()]
    digest = hashlib.sha256()
    for path in sorted(name for name in names if name.suffix != ".pyc"):
        digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    target = BASE / f"lines-{digest.hexdigest()[:16]}.pickle"
    if not target.exists():
        print("Recording the lines that each test executes ...", flush=True)
        status, output = pytest(folder, ["tests/unit", "tests/component"], None, EXECUTED_LINES=target)
        print(output[-2000:])
        if status not in (0, 1):
            raise SystemExit("The tests did not run.")
    return {test: Recorded(*lines) for test, lines in pickle.loads(target.read_bytes()).items()}


def words(source: str, mutant: Mutant) -> set[str]:
    """The words that may name what a line at the top of a file is about: its file, and texts of its statement."""
    named = {Path(mutant.path).stem}
    for statement in ast.parse(source).body:
        if statement.lineno <= mutant.lines[0] <= (statement.end_lineno or 0):
            texts = (node.value for node in ast.walk(statement) if isinstance(node, ast.Constant))
            named |= {text for text in texts if isinstance(text, str) and re.fullmatch(r"[a-z][a-z_]{2,}", text)}
    return named


def relevance(mutant: Mutant, source: str, tests: Mapping[str, Recorded]) -> Mapping[str, float]:
    """The tests that can notice a mutant, each with a number that is greater, the closer it is to it."""
    first, last = mutant.lines
    bits = (1 << last + 1) - (1 << first)
    hits = {test: record for test, record in tests.items() if record.lines.get(mutant.path, 0) & bits}
    if hits:
        # The larger the part of the file among the lines of a test, the more the test is about it.
        total = {test: sum(mask.bit_count() for mask in record.lines.values()) for test, record in hits.items()}
        return {test: record.lines[mutant.path].bit_count() / total[test] for test, record in hits.items()}
    plain = {test: re.sub("[- ]", "_", test.lower()) for test in tests}
    scores: Counter[str] = Counter()
    for word in words(source, mutant):
        named = [test for test, text in plain.items() if re.search(rf"(?<![a-z]){word}(?![a-z])", text)]
        if len(named) <= COMMON:
            scores.update({test: 1000 // len(named) for test in named})
    return dict(scores)


def stages(near: Mapping[str, float], tests: Mapping[str, Recorded], most: float) -> list[list[str]]:
    """The tests to run, in two steps, each from the shortest to the longest: the nearest ones, and others.

    :param most: the seconds of processor time that all of them may take together.
    """
    first = _within(sorted(near, key=lambda test: (-near[test], tests[test].seconds)), tests, NEAR)
    others = sorted(set(near) - set(first), key=lambda test: (tests[test].seconds, test))
    steps = [sorted(first, key=lambda test: tests[test].seconds), _within(others, tests, most - NEAR)]
    return [step for step in steps if step]


def _within(names: Iterable[str], tests: Mapping[str, Recorded], seconds: float) -> list[str]:
    """Of these tests those that together take no longer, in their order."""
    taken = []
    for test in names:
        if tests[test].seconds <= seconds:
            taken.append(test)
            seconds -= tests[test].seconds
    return taken


def killed(folder: Path, mutant: Mutant, steps: Sequence[Sequence[str]], tests: Mapping[str, Recorded]) -> str:
    """Run tests on a mutant; returns what killed it, such as C(test tests/...), C(timeout), C(import), or nothing."""
    path = folder / mutant.path
    source = path.read_text()
    try:
        path.write_text(mutant.applied(source))
        for step in steps:
            limits = [(test, LIMIT + 20 * tests[test].seconds) for test in step if test in tests]
            chosen_tests = folder / ".chosen_tests.json"
            chosen_tests.write_text(json.dumps(limits))
            files = dict.fromkeys(test.partition("::")[0] for test, _limit in limits)
            for stale in path.parent.glob(f"__pycache__/{path.stem}.*"):
                stale.unlink()
            status, output = pytest(folder, ["-x", "--tb=no", *files], 1800, CHOSEN_TESTS=chosen_tests)
            if status not in (0, 5):
                failed = re.search(r"^(?:FAILED|ERROR) (\S.*?)(?: - .*)?$", output, re.MULTILINE)
                return f"test {failed[1]}" if status == 1 and failed else "timeout" if status < 0 else "import"
    finally:
        path.write_text(source)
        for stale in path.parent.glob(f"__pycache__/{path.stem}.*"):
            stale.unlink()
    return ""


def found_again(all_mutants: Sequence[Mutant], earlier: Iterable[Mapping[str, Any]]) -> list[tuple[Mutant, str]]:
    """The mutants of an earlier report that this tree has, too, each with what killed it then."""
    exact = {candidate.place: candidate for candidate in all_mutants}
    result = []
    for row in earlier:
        place = tuple(str(row[name]) for name in ("path", "function", "operator", "before", "after", "number"))
        # A function may have moved to another file.
        moved = [candidate for candidate in all_mutants if candidate.place[1:] == place[1:]]
        if mutant := exact.get(place) or (moved[0] if len(moved) == 1 else None):
            result.append((mutant, row["killed_by"]))
        else:
            print(f"gone: {row['path']}: {row['function']}: {row['before']} -> {row['after']}")
    return result


def main() -> int:
    """Entry point; returns the exit status."""
    parser = argparse.ArgumentParser(description="Whether the tests notice small mistakes in the source.")
    parser.add_argument("--count", type=int, default=200, help="how many mutants (default: 200)")
    parser.add_argument("--seed", type=int, default=1, help="which ones (default: 1)")
    parser.add_argument("--revision", help="of this commit, with its tests; default: of the checkout as it is")
    parser.add_argument("--again", type=Path, metavar="REPORT", help="the mutants of this report instead")
    parser.add_argument("--most", type=float, default=90, metavar="SECONDS", help="of tests for a mutant (default: 90)")
    parser.add_argument("--processes", type=int, default=1, help="how many at once (default: 1)")
    parser.add_argument("--report", type=Path, default=BASE / "report.json", help="where the JSON goes")
    options = parser.parse_args()
    if not hasattr(sys, "monitoring"):
        parser.error("needs Python 3.12 or newer, which tells the lines that run")
    BASE.mkdir(parents=True, exist_ok=True)
    folders: queue.Queue[Path] = queue.Queue()
    for number in range(options.processes):
        folders.put(tree(options.revision, number))
    folder = folders.queue[0]
    paths = [path for name in PACKAGES for path in sorted(folder.glob(f"plugins/module_utils/{name}/**/*.py"))]
    sources = {str(path.relative_to(folder)): path.read_text() for path in paths}
    every = [candidate for name, source in sources.items() for candidate in mutants(name, source)]
    if options.again:
        work = found_again(every, json.loads(options.again.read_text())["mutants"])
    else:
        work = [(candidate, "") for candidate in chosen(every, options.count, options.seed)]
    tests = recorded(folder)
    rows: list[dict[str, Any]] = []

    def judged(job: tuple[Mutant, str]) -> dict[str, Any]:
        mutant, earlier = job
        own = folders.get()
        try:
            # What killed it before is likely to do so again.
            steps = [[earlier[5:]]] if earlier.startswith("test ") and earlier[5:] in tests else []
            steps += stages(relevance(mutant, sources[mutant.path], tests), tests, options.most)
            return {**asdict(mutant), "killed_by": killed(own, mutant, steps, tests)}
        finally:
            folders.put(own)

    with concurrent.futures.ThreadPoolExecutor(options.processes) as pool:
        for row, (mutant, _earlier) in zip(pool.map(judged, work), work, strict=True):
            rows.append(row)
            print(f"{'killed  ' if row['killed_by'] else 'SURVIVED'} {mutant}  {row['killed_by'][:100]}", flush=True)
            share = sum(bool(row["killed_by"]) for row in rows) / len(rows)
            options.report.write_text(json.dumps({"share": share, "mutants": rows}, indent=1))
    print(f"killed {sum(bool(row['killed_by']) for row in rows)} of {len(rows)}; {options.report}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
