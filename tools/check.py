# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the checks: ``python -m tools.check [--all] [PART...]``, without a part those of ``make test``.

Two speeds: without C(--all) what a change can break, in minutes; with it everything, as before a release. A part that
fails does not keep the others from running. At the end stands a table, and the exit status is 1 when any part failed.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools import ansible_warnings, workspace
from tools.workspace import CACHE, ROOT, VENV

# A name, a command, the folder it runs in, and its environment.
Step = tuple[str, Sequence[str | Path], Path, dict[str, str]]
# What mypy looks at, by the names of its two steps.
MYPY = {
    "mypy plugins": ("plugins",),
    "mypy tests": (
        "extensions/eda",
        "simulator/src",
        "tests/contract",
        "tests/guides",
        "tests/lint",
        "tests/real",
        "tests/system",
        "tools",
    ),
}


class Failed(Exception):
    """A check did not pass; the text says which one, or why."""


@dataclass(frozen=True)
class Part:
    """One part of the checks: its name on the command line, one line about it, and what it does.

    :param slow: only a part of the checks with C(--all), or when it is named.
    :param whole: what it does with C(--all), where that is more.
    :param parallel: four of these parts run at once, before the others: each waits for some of its time.
    """

    name: str
    about: str
    run: Callable[[], None]
    slow: bool = False
    whole: Callable[[], None] | None = None
    parallel: bool = False


def run(*command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None, show: bool = True) -> str:
    """Run one command and return what it said (standard output; with C(show) also standard error, and it is shown).

    Raises C(Failed) when its status is not 0.
    """
    words = [str(word) for word in command]
    name = Path(words[0]).name
    print("$ " + shlex.join([name, *words[1:]]), flush=True)
    text = []
    with subprocess.Popen(
        words,
        cwd=cwd,
        env=env or workspace.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if show else None,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            text.append(line)
            if show:
                print(line, end="", flush=True)
    if process.returncode:
        if not show:
            print("".join(text), end="", flush=True)
        raise Failed(f"{name} ended with status {process.returncode}")
    return "".join(text)


def tool(name: str) -> Path:
    """A program of the virtual environment."""
    return VENV / "bin" / name


def python(*words: str | Path) -> tuple[str | Path, ...]:
    """The command line of the virtual environment's Python."""
    return (tool("python"), *words)


def with_dokploy() -> dict[str, str]:
    """The environment of the tests plus the caller's C(DOKPLOY_*): a real server, recordings of one."""
    dokploy = {name: value for name, value in os.environ.items() if name.startswith("DOKPLOY_")}
    return {**workspace.environment(), **dokploy}


def lint() -> None:
    """Style, types, licences, documentation, good practice."""
    # ansible-lint takes most of its time for the tests, and antsibull-docs for tables in reStructuredText.
    if failed := failed_steps(lint_steps(["--skip-rstcheck"], ["--exclude", "tests/"])):
        raise Failed(", ".join(failed))


def whole_lint() -> None:
    """The same, with ansible-lint of tests and of wrong arguments too, and the modules' pages in reStructuredText."""
    wrong_arguments = (
        "ansible-lint of wrong arguments",
        python("-m", "pytest", "-q", "tests/lint"),
        ROOT,
        workspace.environment(),
    )
    if failed := failed_steps([*lint_steps([], []), wrong_arguments]):
        raise Failed(", ".join(failed))


def lint_steps(of_docs: Sequence[str], of_ansible_lint: Sequence[str]) -> list[Step]:
    """The tools that look at the whole checkout.

    :param of_docs: options of antsibull-docs.
    :param of_ansible_lint: options of ansible-lint.
    """
    live = workspace.environment()
    # The tools that take a folder for a collection only by its path look at the copy.
    folder = workspace.copy()
    copied = workspace.environment(workspace.COPY)
    docs = ("lint-collection-docs", "--plugin-docs", *of_docs, ".")
    production = ("--offline", "--strict", "--profile", "production")
    return [
        ("ruff check", [tool("ruff"), "check", "."], ROOT, live),
        ("ruff format", [tool("ruff"), "format", "--check", "."], ROOT, live),
        ("variable names", python("-m", "tools.variable_names"), ROOT, live),
        *mypy(),
        ("yamllint", [tool("yamllint"), "--strict", "."], ROOT, live),
        ("reuse", [tool("reuse"), "lint", "--lines"], ROOT, reuse_environment()),
        ("antsibull-changelog", [tool("antsibull-changelog"), "lint"], folder, copied),
        ("antsibull-docs", [tool("antsibull-docs"), *docs], folder, copied),
        ("ansible-lint", [tool("ansible-lint"), *production, *of_ansible_lint], folder, copied),
    ]


def mypy() -> list[Step]:
    """The types: of the plugins, as the copy of the checkout has them, and of the other files in C(MYPY)."""
    command = python("-m", "mypy", "--config-file", ROOT / "pyproject.toml", "--cache-dir", CACHE / "mypy")
    # By the package's name: by the path of the files, mypy would make a second set of modules of them.
    # 3.10 is the oldest Python it knows; ruff and ansible-test judge the code by 3.9.
    plugins = [*command, "--python-version", "3.10", "-p", "ansible_collections.community.dokploy.plugins"]
    others = [*command, "--python-version", "3.11", *MYPY["mypy tests"]]
    # Where the tests import plugins, these are those of the copy.
    path = f"{workspace.COPY}:{ROOT / 'simulator/src'}"
    return [
        ("mypy plugins", plugins, workspace.COPY, workspace.environment(workspace.COPY)),
        ("mypy tests", others, ROOT, {**workspace.environment(), "MYPYPATH": path}),
    ]


def reuse_environment() -> dict[str, str]:
    """The environment of C(reuse), whose default way to tell an encoding needs a library of the system."""
    return {**workspace.environment(), "REUSE_ENCODING_MODULE": "charset_normalizer"}


def failed_steps(steps: Iterable[Step]) -> list[str]:
    """Run all steps, also after one failed; returns the names of those that did."""
    failed = []
    for name, command, cwd, env in steps:
        try:
            run(*command, cwd=cwd, env=env)
        except Failed as error:
            print(f"--> {error}", flush=True)
            failed.append(name)
    return failed


def unit() -> None:
    """Unit tests."""
    _unit(workspace.environment())


def whole_unit() -> None:
    """The same, where there is more to try: more of it."""
    _unit({**workspace.environment(), "DOKPLOY_TEST_THOROUGH": "1"})


def _unit(env: dict[str, str]) -> None:
    # The longest test comes first. Some tests wait, so that three processes keep two cores busy.
    folders = ("tests/component/test_examples.py", "tests/unit", "tests/component")
    run(*python("-m", "pytest", "-n", "3", "--dist", "worksteal", "-q", *folders), env=env)


def contract() -> None:
    """The simulator against what was recorded from a real server."""
    run(*python("-m", "pytest", "-q", "tests/contract"), env=with_dokploy())


def network() -> None:
    """TLS, proxies, addresses and files, from playbooks to the server."""
    # The playbooks of a file run for all of its tests.
    run(*python("-m", "pytest", "-n", "2", "--dist", "loadfile", "-q", "tests/system/network"))


def secrets() -> None:
    """Canaries in all secrets."""
    run(*python("-m", "pytest", "-n", "2", "--dist", "worksteal", "-q", "tests/system/secrets"))


def concurrency() -> None:
    """Forks and playbooks at the same time."""
    run(*python("-m", "pytest", "-n", "2", "-q", "tests/system/concurrency"))


def package() -> None:
    """The simulator's package, installed as users install it, and the tests of its guide."""
    run(*python("-m", "pytest", "-q", "tests/system/package"))


def awx() -> None:
    """AWX: its configuration, its jobs, its audit queries and execution environments."""
    run(*python("-m", "pytest", "-n", "2", "-q", "tests/system/awx"))


def event_driven() -> None:
    """The event sources and rulebooks under ansible-rulebook, where there is a Java."""
    run(*python("-m", "pytest", "-n", "2", "-q", "tests/system/event_driven"))


def walkthrough() -> None:
    """The guide to new resources, followed in a copy."""
    run(*python("-m", "pytest", "-q", "tests/system/walkthrough"))


def guides() -> None:
    """What the README and the guides show, run as a reader would."""
    _guides(workspace.environment(), "--ignore", "tests/guides/test_lint.py")


def whole_guides() -> None:
    """The same, and ansible-lint of all that the pages and the documentation of plugins show."""
    _guides({**workspace.environment(), "DOKPLOY_TEST_THOROUGH": "1"})


def _guides(env: dict[str, str], *options: str) -> None:
    # The playbooks of a file run one after the other, and wait for most of their time.
    run(*python("-m", "pytest", "-n", "4", "--dist", "loadfile", "-q", "tests/guides", *options), env=env)


def integration() -> None:
    """Every integration target but the slow ones in process, and every module once as a packaged module."""
    run(*python("-m", "tools.integration", "--quick"), env=with_dokploy())


def whole_integration() -> None:
    """Every integration target, in process and as a module."""
    run(*python("-m", "tools.integration"), env=with_dokploy())


def fault_injection() -> None:
    """A sample of all faults at all requests, and of killed playbooks."""
    run(*python("-m", "pytest", "-n", "2", "--dist", "worksteal", "-q", "tests/system/fault_injection"))


def sanity() -> None:
    """Those tests of ansible-test sanity that no other part repeats, of what the tarball contains."""
    run(*python("-m", "tools.sanity"))


def whole_sanity() -> None:
    """ansible-test sanity of all files, and of the tarball's with every Python at hand."""
    run(*python("-m", "tools.sanity", "--all"))


def galaxy_importer() -> None:
    """The tarball as Ansible Galaxy imports it, and the configuration of antsibull-nox."""
    run(*python("-m", "tools.galaxy_importer"))


def molecule() -> None:
    """The roles, by molecule: converge, idempotence, verify."""
    _molecule(workspace.environment())


def whole_molecule() -> None:
    """The same, and the way back from upgrades that fail."""
    _molecule({**workspace.environment(), "DOKPLOY_TEST_THOROUGH": "1"})


def _molecule(env: dict[str, str]) -> None:
    output = run(tool("molecule"), "test", "--all", cwd=ROOT / "extensions", env=env)
    if warnings := ansible_warnings.unexpected(output):
        raise Failed("warnings that are not expected: " + "; ".join(warnings))


def build() -> None:
    """The tarball: what is in it, and that all of it works once installed offline."""
    run(*python("-m", "tools.tarball"))


def docs() -> None:
    """The documentation site, where a warning is an error, and its pages in a browser, where there is one."""
    run(*python("-m", "tools.docs"))
    run(*python("-m", "tools.browser"))


# Of those that run four at once, the longest comes first.
PARTS = (
    Part("unit", "unit tests; with --all more of what is generated", unit, whole=whole_unit, parallel=True),
    Part(
        "integration",
        "the integration targets in process but for slow ones, each module also packaged",
        integration,
        whole=whole_integration,
        parallel=True,
    ),
    Part(
        "guides",
        "what the README and the guides show, run from top to bottom; with --all also ansible-lint of it",
        guides,
        whole=whole_guides,
        parallel=True,
    ),
    Part(
        "molecule",
        "the roles, with molecule; with --all the way back from upgrades that fail, too",
        molecule,
        whole=whole_molecule,
        parallel=True,
    ),
    Part(
        "sanity",
        "ansible-test sanity of what the tarball contains; with --all all of it, with every Python at hand",
        sanity,
        whole=whole_sanity,
        parallel=True,
    ),
    Part(
        "lint",
        "ruff, mypy, yamllint, licences, changelog, documentation, ansible-lint; with --all of the tests too",
        lint,
        whole=whole_lint,
        parallel=True,
    ),
    Part("contract", "the simulator against what was recorded from a real server", contract, parallel=True),
    Part("network", "TLS, proxies, addresses and files, from playbooks to the server", network, slow=True),
    Part("secrets", "canaries in all secrets, searched for in all output", secrets, slow=True),
    Part("concurrency", "forks and playbooks at the same time, on one or more controllers", concurrency, slow=True),
    Part(
        "package",
        "the simulator installed as users do, the tests of its guide, its page in a browser",
        package,
        slow=True,
    ),
    Part("awx", "what AWX gets: configuration, jobs, audit queries, execution environments", awx, slow=True),
    Part(
        "event_driven", "the event sources and rulebooks under ansible-rulebook, with Java 17", event_driven, slow=True
    ),
    Part("walkthrough", "the guide to new resources, followed to the letter in a copy", walkthrough, slow=True),
    Part(
        "fault_injection", "a sample of all faults at all requests, and of killed playbooks", fault_injection, slow=True
    ),
    Part("build", "build the tarball, install it offline, show its documentation", build),
    Part("galaxy_importer", "what Ansible Galaxy says when it imports the tarball", galaxy_importer, slow=True),
    Part("docs", "the documentation site, each page measured in a browser if there is one", docs, slow=True),
)


def alone(part: Part, whole: bool) -> tuple[str, float, str]:
    """Run a part; returns its name, its seconds and its result."""
    print(f"\n=== {part.name}: {part.about}", flush=True)
    start = time.monotonic()
    try:
        (part.whole if whole and part.whole else part.run)()
        result = "passed"
    except Failed as error:
        result = f"FAILED: {error}"
        print(f"=== {part.name} {result}", flush=True)
    return part.name, time.monotonic() - start, result


def in_parallel(parts: Sequence[Part], whole: bool) -> list[tuple[str, float, str]]:
    """Run parts four at once, each in a process of its own; the output of each is shown when it ends."""
    print(f"\n=== four at once: {', '.join(part.name for part in parts)}", flush=True)
    # Written once, before several processes write it.
    workspace.environment()

    def apart(part: Part) -> tuple[str, float, str]:
        start = time.monotonic()
        command = python("-m", "tools.check", part.name, *(["--all"] if whole else []))
        process = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        print(process.stdout.decode(errors="replace"), flush=True)
        return part.name, time.monotonic() - start, "FAILED" if process.returncode else "passed"

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return list(pool.map(apart, parts))


def main() -> int:
    """Entry point; returns the exit status."""
    parser = argparse.ArgumentParser(description="Run the checks of this repository.")
    names = [part.name for part in PARTS]
    parser.add_argument("parts", nargs="*", metavar="PART", help="one of " + ", ".join(names))
    parser.add_argument("--all", action="store_true", help="also the slow parts, and each part as a whole")
    options = parser.parse_args()
    chosen = options.parts
    unknown = set(chosen) - set(names)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    parts = [part for part in PARTS if (part.name in chosen if chosen else options.all or not part.slow)]
    start = time.monotonic()
    parallel = [part for part in parts if part.parallel]
    rows = in_parallel(parallel, options.all) if len(parallel) > 1 else []
    already_run = {row[0] for row in rows}
    rows += [alone(part, options.all) for part in parts if part.name not in already_run]
    print("\npart             seconds  result")
    for name, seconds, result in rows:
        print(f"{name:<16} {seconds:7.1f}  {result}")
    if len(rows) > 1:
        print(f"{'together':<16} {time.monotonic() - start:7.1f}")
    return int(any(row[2] != "passed" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
