# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a developer runs after each edit: ``python -m tools.quick [--since COMMIT] [--seconds 40] [--list]``.

It lints the files that changed, and runs the unit and component tests that depend on them, nearest first, for at most
so many seconds. It says what it runs and what it leaves to C(make test), and how many of the tests passed.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tools import check, workspace
from tools.import_graph import ImportGraph
from tools.workspace import CACHE, ROOT

COUNTS = CACHE / "quick.json"
TEST = re.compile(r"tests/(unit|component)/(.+/)?test_\w+\.py\Z")
# Tests that walk over all modules: those at the top that depend on this file.
WALKING = re.compile(r"tests/(unit|component)/test_\w+\.py\Z")
ALL_MODULES = "tests/support/module_docs.py"
DESCRIPTION = re.compile(r"plugins/module_utils/_resources/(?:\w+/)*(?!__init__|references|used_api)(\w+)\.py\Z")
MODULE = re.compile(r"plugins/(?:modules|action)/dokploy_(\w+?)(?:_info|_action)?\.py\Z")
# A resource and a child, which tests that walk over all of them run for changes of what they share.
SAMPLE = ("tag", "redirect")
# So many files run whole: to import a file of tests and what it needs takes up to half a second.
MOST_FILES = 24


@dataclass
class Plan:
    """What to run.

    :param tests: the files of tests, nearest first, each with the words of which one stands in the name of a test that
      runs; an empty tuple: all tests of the file.
    :param left: further files of tests that depend on what changed.
    """

    tests: dict[str, tuple[str, ...]] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)


def git(*words: str) -> list[str]:
    """The entries that git lists, separated by NUL, or none when it fails."""
    command = ["git", "-c", "safe.directory=*", *words]
    process = subprocess.run(command, cwd=ROOT, env=workspace.environment(), capture_output=True, check=False)
    return [name for name in process.stdout.decode().split("\0") if name]


def changed_since(commit: str | None) -> tuple[str, list[str]]:
    """What changed, and since when: since the last commit; where nothing did, on this branch."""
    new = git("ls-files", "-z", "-o", "--exclude-standard")
    names = sorted({*git("diff", "-z", "--name-only", commit or "HEAD"), *new})
    if names or commit:
        return commit or "the last commit", names
    for main in ("main", "origin/main"):
        if names := git("diff", "-z", "--name-only", f"{main}..."):
            return f"the branch left {main}", names
    return "the last commit", []


def described(name: str, source: str) -> set[str]:
    """The resources and children that a description or a module is about, such as C({"redirect", "basic_auth"})."""
    if match := MODULE.match(name):
        return {match[1]}
    match = DESCRIPTION.match(name)
    return set(_described(source)) or {match[1]} if match else set()


def _described(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            named = [word.value for word in node.keywords if word.arg == "name"] if node.func.id == "Resource" else []
            named += node.args[1:2] if node.func.id == "child" else []
            yield from (word.value for word in named if isinstance(word, ast.Constant) and isinstance(word.value, str))


def has_word(words: Iterable[str], text: str) -> bool:
    """Whether a text has one of the words, whole: C(tag) is in C(test_it[tag-name]), not in C(staging)."""
    plain = re.sub(r"[- ]", "_", text.lower())
    return any(re.search(rf"(?<![a-z]){word}(?![a-z])", plain) for word in words)


def planned(graph: ImportGraph, changed: Sequence[str], source: dict[str, str]) -> Plan:
    """The tests of what changed.

    A file of tests that imports a changed file runs whole. When only descriptions or modules changed, all others are
    narrowed to the tests with the name of such a resource or child; when something else did, those that walk over all
    modules are narrowed to a sample.

    :param source: the texts of the files of tests and of those that changed.
    """
    distances = graph.distances(changed)
    walking = {name for name in graph.distances([ALL_MODULES]) if WALKING.match(name)}
    names = {name: described(name, source.get(name, "")) for name in changed}
    words = tuple(sorted(set().union(*names.values())))
    of_descriptions = all(names[name] or TEST.match(name) or not name.endswith(".py") for name in changed) and words
    plan = Plan()
    # Those that walk over all modules come after those that import a changed file.
    for name in sorted(
        filter(TEST.match, distances), key=lambda name: (distances[name] > 1, name not in walking, name)
    ):
        narrow: tuple[str, ...] = ()
        if name in walking and distances[name]:
            narrow = words or SAMPLE
        elif of_descriptions and distances[name] > 1:
            narrow = words
            if not has_word(words, source[name]):
                continue
        if narrow or sum(not others for others in plan.tests.values()) < MOST_FILES:
            plan.tests[name] = narrow
        else:
            plan.left.append(name)
    return plan


def lint(changed: Sequence[str]) -> list[check.Step]:
    """The tools that look at the changed files alone, or at little more."""
    live = workspace.environment()
    present = [name for name in changed if (ROOT / name).is_file()]
    python = [name for name in present if name.endswith(".py")]
    yaml = [name for name in present if name.endswith((".yml", ".yaml"))]
    steps: list[check.Step] = []
    if present:
        steps.append(("reuse", [check.tool("reuse"), "lint-file", *present], ROOT, check.reuse_environment()))
    if python:
        steps.append(("ruff check", [check.tool("ruff"), "check", "--force-exclude", *python], ROOT, live))
        format_check = ("format", "--check", "--force-exclude", *python)
        steps.append(("ruff format", [check.tool("ruff"), *format_check], ROOT, live))
        steps.append(("variable names", check.python("-m", "tools.variable_names", *python), ROOT, live))
    if yaml:
        steps.append(("yamllint", [check.tool("yamllint"), "--strict", *yaml], ROOT, live))
    if python and (CACHE / "mypy").is_dir():
        workspace.copy()
        steps += [step for step in check.mypy() if any(name.startswith(check.MYPY[step[0]]) for name in python)]
    return steps


def tests(plan: Plan, seconds: float) -> list[check.Step]:
    """The command that runs the tests of a plan."""
    if not plan.tests:
        return []
    words = {name: words for name, words in plan.tests.items() if words}
    chosen = json.dumps({"seconds": seconds, "words": words, "counts": str(COUNTS)})
    processes = str(min(2, os.cpu_count() or 1))
    options = ("-q", "-n", processes, "--dist", "worksteal", "-p", "tools.narrowed_tests")
    env = {**workspace.environment(), "NARROWED_TESTS": chosen}
    return [("tests", check.python("-m", "pytest", *options, *plan.tests), ROOT, env)]


def say(plan: Plan, changed: Sequence[str], mypy: bool) -> None:
    """Show what runs, and what does not."""
    print("\n".join(f"  {name}" for name in changed))
    for words in dict.fromkeys(plan.tests.values()):
        print(f"tests{' with ' + ' or '.join(words) + ' in their name' if words else ''}:")
        print("\n".join(f"  {name}" for name, own in plan.tests.items() if own == words))
    more = f", {len(plan.left)} more files of tests that use what changed" if plan.left else ""
    print(f"left to make test: {'' if mypy else 'mypy (make lint fills its cache), '}ansible-lint, the documentation,")
    print(f"  sanity, guides, integration, molecule, build, and all other tests{more}", flush=True)


def passed(plan: Plan, counts: Mapping[str, int]) -> str:
    """The last line after a success: how many tests passed, of how many that depend on what changed.

    :param counts: C({"passed": 12, "collected": 80}), as C(tools.narrowed_tests) writes them; empty without tests.
    """
    if not counts:
        return "passed, without a test"
    text = f"passed, {counts['passed']} of {counts['collected']} tests"
    return f"{text}, and none of {len(plan.left)} more files of tests" if plan.left else text


def main() -> int:
    """Entry point; returns the exit status."""
    parser = argparse.ArgumentParser(description="Lint and test what changed.")
    parser.add_argument("--since", metavar="COMMIT", help="what changed since then; default: since the last commit")
    parser.add_argument("--seconds", type=float, default=40, help="no test starts later (default: 40)")
    parser.add_argument("--list", action="store_true", help="only show what would run")
    options = parser.parse_args()
    since, changed = changed_since(options.since)
    print(f"changed since {since}:" + ("" if changed else " nothing"))
    if not changed:
        return 0
    graph = ImportGraph(ROOT, {*workspace.tracked_files(), *changed})
    readable = [name for name in {*changed, *filter(TEST.match, graph.names)} if (ROOT / name).is_file()]
    source = {name: (ROOT / name).read_text(errors="replace") for name in readable}
    plan = planned(graph, changed, source)
    say(plan, changed, (CACHE / "mypy").is_dir())
    if options.list:
        return 0
    COUNTS.unlink(missing_ok=True)
    failed = check.failed_steps([*lint(changed), *tests(plan, options.seconds)])
    counts = json.loads(COUNTS.read_text()) if COUNTS.exists() else {}
    print(f"failed: {', '.join(failed)}" if failed else passed(plan, counts))
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
