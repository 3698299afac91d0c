# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the integration targets: ``python -m tools.integration [--target NAME] [--path action|module] [--quick]``.

A target is a role in ``tests/integration/targets``, laid out as ansible-test has it. Each runs twice with the real
``ansible-playbook``, in process (path C(action)) and as a packaged module (path C(module)), against a simulator of its
own, or against the server of C(DOKPLOY_URL) and C(DOKPLOY_API_KEY). Beside what the target itself asserts:

* the module path must really run modules, and the action path must not (unless the target's file ``aliases`` says
  ``# runner: fallback``; a target with ``# runner: action`` runs on the action path only, and one with
  ``# runner: simulator`` on a simulator only; with C(--quick), only a target with ``# runner: both`` runs on
  both, and one with ``# runner: slow`` does not run; one with ``# runner: long`` starts before the others);
* both paths must give the same results, apart from what is new each time (ids, times, random suffixes);
* Ansible may print no warning that the target's file ``files/warnings.yml`` does not list, with a reason;
* no secret may stand anywhere in the output at C(-vvvv --diff): the tests' secrets all begin with C(s3cret-).

What a target is given is described in ``tests/integration/README.md``.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import functools
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools import ansible_warnings, workspace
from tools.workspace import CACHE, ROOT, VENV

TARGETS = ROOT / "tests/integration/targets"
PATHS = ("action", "module")
MARK = "s3cret-"
TIMEOUT = 900

MODULE_LINE = re.compile(r"Using module file \S*/community/dokploy/plugins/modules/\w+\.py")
# It has an action only, which runs on the controller.
ON_CONTROLLER = "community.dokploy.validate_role_arguments"
# New on every run, so compared as "something is there". Order matters: the specific before the general.
VOLATILE = (
    # With dashes in the name of a dump, with slashes in the log of rclone.
    (re.compile(r"\d{4}[-/]\d\d[-/]\d\d[T :]\d\d[:-]\d\d[:-]\d\d([.-]\d+)?(Z|[+-]\d\d:?\d\d)?"), "<time>"),
    # As C(date) prints it, in the log of a backup.
    (re.compile(r"\b[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d UTC \d{4}\b"), "<time>"),
    (re.compile(r"\b[0-9a-f]{40}\b"), "<commit>"),
    (re.compile(r"(?<=Container Up: )[0-9a-f]{12}\b"), "<container>"),
    # Of a template.
    (re.compile(r"-[0-9a-f]{6}(?=-127-0-0-1\.sslip\.io\b)"), "-<random>"),
    # Of the settings.
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "<id>"),
    # Of pairs of keys that the server generates.
    (re.compile(r"\bssh-(?:ed25519|rsa) AAAA[A-Za-z0-9+/]+=*"), "<public key>"),
    # What the server calls a preview: its application's name with one more suffix.
    (re.compile(r"(?<![\w-])preview(-[a-z0-9]+)+-[a-z0-9]{6}-[a-z0-9]{6}(?![\w-])"), "<preview>"),
    # What the server calls a service that was given no app_name, a certificate or a volume backup: random words.
    # Traefik's names begin with it and end with a number that no other domain has, and those of containers end with the
    # service.
    (
        re.compile(
            r"(?<![\w-])(app|certificate|compose|volumeBackup|postgres|mysql|mariadb|mongo|redis|libsql)"
            r"(-[a-z0-9]+)+-[a-z0-9]{6}(?:-(?:router|router-websecure|service)-\d+|-\w+-\d+)?(?![\w-])"
        ),
        "<app>",
    ),
    (re.compile(r"\b(?:less than a|about an?|\d+) (?:second|minute|hour)s? ago"), "<ago>"),
    # A crash loop goes on between its second end and the next look.
    (re.compile(r"\b\d+(?= of its tasks have ended)"), "<count>"),
    # Of a container in a swarm.
    (re.compile(r"(?<=\.)[a-z0-9]{25}(?!\w)"), "<task>"),
    # Records, and users.
    (re.compile(r"(?<![\w-])(?:[\w-]{21}|[A-Za-z0-9]{32})(?![\w-])"), "<id>"),
    (re.compile(r"(?<=[a-z0-9])-[a-z0-9]{6}(?=(?:-data)?(?![\w-]))"), "-<suffix>"),
)
# What differs by the way a task ran, how long something took, and what there was at the moment of a handle.
LEFT_OUT = re.compile(
    r"^(_ansible_.*|invocation|deprecations|attempts|exception|failed_when_suppressed_exception|duration|.*seconds|log_path"
    r"|handle)$"
)


# On a real server a log has as many lines as were written by the moment at which it was read, and others have domains.
LOGS = ("log", "logs", "lines")
# The key of a task of Docker's: how many have ended, and in which state they are, is of the moment as well.
TASK_KEY = "desired_state"
LOG_IN_MESSAGE = re.compile(r"(?<=The end of its log:\n).*", re.DOTALL)
DOMAIN_OF_ANOTHER = re.compile(r" already has a domain with host ")


@dataclass
class Job:
    """One run of one target."""

    target: str
    path: str
    folder: Path
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def prefix(self) -> str:
        return f"it-{self.target}-{self.path}-{self.folder.name[-6:]}".replace("_", "-")


def targets() -> list[str]:
    """The names of the runnable targets. Exits when a name would make Ansible run something else."""
    names = []
    for folder in sorted(TARGETS.glob("*")) if TARGETS.is_dir() else []:
        aliases = folder / "aliases"
        if not folder.is_dir() or (aliases.exists() and re.search(r"^hidden$", aliases.read_text(), re.M)):
            continue
        if (ROOT / "roles" / folder.name).exists():
            sys.exit(f"The target {folder.name} has the name of a role: Ansible would run the role. Rename it.")
        names.append(folder.name)
    return names


@functools.cache
def version(url: str, key: str) -> str:
    """The release that a server is, without the letter v; some targets expect less of an older one."""
    request = urllib.request.Request(f"{url.rstrip('/')}/api/settings.getDokployVersion", headers={"x-api-key": key})
    with urllib.request.urlopen(request, timeout=60) as response:
        return str(json.load(response)).lstrip("v")


@contextlib.contextmanager
def server(folder: Path) -> Iterator[dict[str, Any]]:
    """The connection's variables: those of the environment, or of a simulator that lives as long as the context."""
    if os.environ.get("DOKPLOY_URL"):
        yield {
            "dokploy_url": os.environ["DOKPLOY_URL"],
            "dokploy_api_key": os.environ.get("DOKPLOY_API_KEY", ""),
            "dokploy_simulator": "",
            "dokploy_test_version": version(os.environ["DOKPLOY_URL"], os.environ.get("DOKPLOY_API_KEY", "")),
        }
        return
    key = MARK + secrets.token_hex(16)
    ready = folder / "simulator.json"
    with (folder / "simulator.log").open("w") as log:
        process = subprocess.Popen(
            [
                VENV / "bin/python",
                "-m",
                "dokploy_simulator",
                "--port",
                "0",
                "--port-file",
                ready,
                "--api-key",
                key,
                "--parent-pid",
                str(os.getpid()),
            ],
            cwd=ROOT,
            env=workspace.environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + 60
        while not ready.exists() or not ready.read_text().strip():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the simulator did not start:\n" + (folder / "simulator.log").read_text())
            time.sleep(0.05)
        url = f"http://127.0.0.1:{int(ready.read_text())}"
        yield {
            "dokploy_url": url,
            "dokploy_api_key": key,
            "dokploy_simulator": url + "/_sim",
            "dokploy_test_version": version(url, key),
        }
    finally:
        process.terminate()
        process.wait(timeout=30)


def run(job: Job) -> None:
    """Run one job and note its problems."""
    start = time.monotonic()
    shutil.rmtree(job.folder, ignore_errors=True)
    job.folder.mkdir(parents=True, mode=0o700)
    with server(job.folder) as connection:
        variables = {
            **connection,
            "dokploy_test_prefix": job.prefix,
            "dokploy_test_path": job.path,
            "dokploy_test_secret": MARK + "one-" + secrets.token_hex(8),
            "dokploy_test_secret_2": MARK + "two-" + secrets.token_hex(8),
            "dokploy_test_folder": str(job.folder),
        }
        (job.folder / "vars.json").write_text(json.dumps(variables, indent=1))
        host = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        # For all hosts, also those a target adds, and open to be set otherwise by a task.
        shared = {} if job.path == "action" else {"dokploy_in_process": False}
        (job.folder / "inventory.json").write_text(json.dumps({"all": {"hosts": {"localhost": host}, "vars": shared}}))
        play = {"name": job.target, "hosts": "localhost", "gather_facts": False, "roles": [job.target]}
        (job.folder / "playbook.yml").write_text(json.dumps([play], indent=1))
        record = job.folder / "record.jsonl"
        record.touch()
        # Ansible names the words of a boolean in the order of a set: the same on both paths.
        env = workspace.environment() | {"PYTHONHASHSEED": "0"}
        env.update(
            ANSIBLE_ROLES_PATH=str(TARGETS),
            ANSIBLE_INVENTORY_ENABLED="yaml",
            ANSIBLE_PIPELINING="true",
            ANSIBLE_RETRY_FILES_ENABLED="false",
            ANSIBLE_CALLBACK_PLUGINS=str(ROOT / "tools/callback"),
            ANSIBLE_CALLBACKS_ENABLED="dokploy_record",
            DOKPLOY_RECORD=str(record),
        )
        command: list[str | Path] = [
            VENV / "bin/ansible-playbook",
            "-i",
            "inventory.json",
            "-e",
            "@vars.json",
            "-vvvv",
            "--diff",
        ]
        with job.log.open("w") as log:
            try:
                status = subprocess.run(
                    [*command, "playbook.yml"],
                    cwd=job.folder,
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    timeout=TIMEOUT,
                    check=False,
                ).returncode
            except subprocess.TimeoutExpired:
                status = None
    text = job.log.read_text(errors="replace")
    if status is None:
        job.problems.append(f"not done after {TIMEOUT} seconds")
    elif status:
        job.problems.append(f"ansible-playbook ended with status {status}")
    job.problems += leaks(text, connection["dokploy_api_key"])
    expected = ansible_warnings.listed(TARGETS / job.target / "files/warnings.yml")
    job.problems += [f"a warning that is not expected: {one}" for one in ansible_warnings.unexpected(text, expected)]
    if not status:
        job.problems += wrong_path(job, text)
    job.seconds = time.monotonic() - start


def leaks(text: str, key: str) -> list[str]:
    """The lines of an output that show a secret, as problems that do not show it again."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if MARK in line or (key and key in line):
            shown = re.sub(MARK + r"[\w.-]*", MARK + "...", line.replace(key, MARK) if key else line).strip()
            place = max(0, shown.find(MARK) - 60)
            found.append(f"line {number} of the output shows a secret: {shown[place : place + 120]}")
    return found[:5]


def wrong_path(job: Job, text: str) -> list[str]:
    """Problems with the way the tasks ran: in process or as modules."""
    modules = len(MODULE_LINE.findall(text))
    ran = [row for row in rows(job) if row["action"] != ON_CONTROLLER]
    done = sum(row["status"] == "ok" and not _refused(row["result"]) for row in ran)
    if not done:
        return ["no task of the collection did anything"]
    if job.path == "module" and modules < done:
        return [f"{done} results, but only {modules} came from a packaged module"]
    if job.path == "action" and modules and not _has_note(job.target, "fallback"):
        return [f"{modules} tasks ran as packaged modules instead of in process"]
    return []


def _refused(result: dict[str, Any]) -> bool:
    """Whether it is the expected refusal of an argument, which can come before either way is chosen; of a hidden result
    that is not known."""
    if "censored" in result:
        return True
    kind = (result.get("error") or {}).get("kind", "option")
    return result.get("failed_when_result") is False and "msg" in result and kind == "option"


def _has_note(target: str, note: str) -> bool:
    aliases = TARGETS / target / "aliases"
    return aliases.exists() and f"# runner: {note}" in aliases.read_text().splitlines()


def rows(job: Job) -> list[dict[str, Any]]:
    """What the callback recorded of a job."""
    return [json.loads(line) for line in (job.folder / "record.jsonl").read_text().splitlines()]


def comparable(job: Job) -> list[str]:
    """The recorded results as lines, without what is new on every run."""
    variables = json.loads((job.folder / "vars.json").read_text())

    def text(value: str) -> str:
        # Users find their names in any case, and the server makes a name for the services of a template of it.
        for prefix in (job.prefix, job.prefix.replace("-", "")):
            value = re.sub(re.escape(prefix), "<prefix>", value, flags=re.IGNORECASE)
        value = value.replace(variables["dokploy_url"], "<url>")
        value = re.sub(r"127\.0\.0\.1:\d+", "<host>", value)
        value = value.replace(str(job.folder), "<folder>")
        for pattern, name in VOLATILE:
            value = pattern.sub(name, value)
        return value

    real = not variables.get("dokploy_simulator")

    def is_task(item: Any) -> bool:
        return isinstance(item, dict) and TASK_KEY in item

    def of_the_moment(key: str, value: Any) -> Any:
        """A value of a real server without what depends on the moment and on others."""
        if key in LOGS and isinstance(value, list):
            return "<lines>"
        if key == "tasks" and isinstance(value, list) and all(map(is_task, value)):
            return sorted({item["name"] for item in value})
        if key == "msg" and isinstance(value, str):
            return LOG_IN_MESSAGE.sub("<lines>", value)
        if key == "warnings":
            return [warning for warning in value if not DOMAIN_OF_ANOTHER.search(warning)]
        return value

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            kept = {key: item for key, item in value.items() if not LEFT_OUT.match(key)}
            if real:
                kept = {key: of_the_moment(key, item) for key, item in kept.items()}
            found = {text(key): plain(item) for key, item in kept.items() if key != "warnings" or item}
            if isinstance(found.get("domains"), list):
                # They are listed by their hosts, which a template makes up.
                found["domains"].sort(key=lambda item: json.dumps(item, sort_keys=True))
            return found
        if isinstance(value, list):
            return [plain(item) for item in value]
        return text(value) if isinstance(value, str) else value

    return [json.dumps(plain(row), sort_keys=True) for row in rows(job)]


def differences(action: Job, module: Job) -> list[str]:
    """Where the two paths of one target gave different results; the first of them."""
    left, right = comparable(action), comparable(module)
    for number, (one, other) in enumerate(zip(left, right, strict=False), 1):
        if one != other:
            at = next(
                (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
            )
            start = max(0, at - 80)
            return [
                f"result {number} ({json.loads(one)['task']}) differs by path:"
                f"\n      action: ...{one[start : at + 160]}\n      module: ...{other[start : at + 160]}"
            ]
    if len(left) != len(right):
        return [f"{len(left)} results in process, {len(right)} as modules"]
    return []


def divided(names: list[str]) -> tuple[list[str], list[str]]:
    """The targets that the server can run, and those that need a simulator where it is a real one."""
    left_out = [name for name in names if os.environ.get("DOKPLOY_URL") and _has_note(name, "simulator")]
    return [name for name in names if name not in left_out], left_out


def paths(target: str, only: str | None, quick: bool) -> list[str]:
    """The paths on which a target runs, none where it takes too long for a quick run."""
    if quick and _has_note(target, "slow"):
        return []
    left_out = set()
    if _has_note(target, "action") or (quick and not _has_note(target, "both")):
        left_out.add("module")
    return [path for path in PATHS if path not in left_out and only in (None, path)]


def own_folder(above: Path) -> Path:
    """A folder for this process alone; those of processes that have ended go, so that the last run's can be read."""
    for folder in above.glob("*"):
        if not (folder.name.isdigit() and Path("/proc", folder.name).exists()):
            shutil.rmtree(folder, ignore_errors=True)
    return above / str(os.getpid())


def main() -> int:
    """Entry point; returns the exit status."""
    parser = argparse.ArgumentParser(description="Run the integration targets.")
    parser.add_argument("--target", action="append", default=[], metavar="NAME", help="only this one; repeatable")
    parser.add_argument("--path", choices=PATHS, help="only this way of running (then nothing is compared)")
    parser.add_argument("--quick", action="store_true", help="as modules only the targets that say so")
    parser.add_argument(
        # Many targets wait for simulated builds most of their time. A real server builds one application at a time.
        "--jobs",
        type=int,
        default=min(2, os.cpu_count() or 1) * (1 if os.environ.get("DOKPLOY_URL") else 2),
        help="runs at once (default: %(default)s)",
    )
    parser.add_argument("--list", action="store_true", help="only name the targets")
    parser.add_argument("-v", "--verbose", action="store_true", help="show each run's whole output")
    options = parser.parse_args()
    names = targets()
    if unknown := set(options.target) - set(names):
        parser.error(f"no such target: {', '.join(sorted(unknown))}; there are: {', '.join(names)}")
    if options.list:
        print("\n".join(names))
        return 0
    if not names:
        print("There is no integration target.")
        return 1
    chosen, left_out = divided(options.target or names)
    for name in left_out:
        print(f"{name:<28} needs the simulator: not run", flush=True)
    base = own_folder(CACHE / "integration" / VENV.name.lstrip("."))
    token = secrets.token_hex(3)
    jobs = [
        Job(name, path, base / f"{name}-{path}-{token}")
        for name in chosen
        for path in paths(name, options.path, options.quick)
    ]
    # A long run that starts last would use one core alone.
    jobs.sort(key=lambda job: not _has_note(job.target, "long"))
    # Fills the memo of the settings before the threads ask for it.
    workspace.environment()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        waiting = {pool.submit(run, job): job for job in jobs}
        for future in concurrent.futures.as_completed(waiting):
            job = waiting[future]
            if error := future.exception():
                job.problems.append(str(error))
            print(
                f"{job.target:<28} {job.path:<7} {job.seconds:6.1f} s  {'FAILED' if job.problems else 'ok'}", flush=True
            )
            if options.verbose and job.log.exists():
                print(job.log.read_text(errors="replace"), flush=True)
    for name in chosen:
        pair = [job for job in jobs if job.target == name]
        if len(pair) == len(PATHS) and not any(job.problems for job in pair):
            pair[1].problems += differences(*pair)
    failed = [job for job in jobs if job.problems]
    for job in failed:
        print(f"\n--- {job.target}, path {job.path}")
        for problem in job.problems:
            print(f"  * {problem}")
        if job.log.exists() and not options.verbose:
            print(tail(job))
    print(f"\n{len(jobs)} runs of {len(chosen)} targets, {len(failed)} failed")
    return int(bool(failed))


def tail(job: Job, lines: int = 40) -> str:
    """The end of a run's output from its first failed task on, with secrets masked."""
    key = json.loads((job.folder / "vars.json").read_text())["dokploy_api_key"]
    text = job.log.read_text(errors="replace")
    if key:
        text = text.replace(key, MARK + "...")
    rest = re.sub(MARK + r"[\w-]+", MARK + "...", text).splitlines()
    fatal = [number for number, line in enumerate(rest) if line.startswith(("fatal:", "failed:", "ERROR", "[ERROR]"))]
    # Expected failures stand in the output too: the last one is the one that ended it.
    start = max(0, fatal[-1] - 8) if fatal else max(0, len(rest) - lines)
    shown = [line[:400] for line in rest[start : start + lines]]
    return "\n".join(["  " + line for line in shown] + [f"  (all of it: {os.path.relpath(job.log, CACHE.parent)})"])


if __name__ == "__main__":
    sys.exit(main())
