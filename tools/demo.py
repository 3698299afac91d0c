# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Set up and deploy the example of the playbooks: ``python -m tools.demo``.

On a simulated server, or on that of C(DOKPLOY_URL) and C(DOKPLOY_API_KEY): there in projects with a suffix of their
own, which are removed at the end with their volumes, also after a failure. What is shown is also checked; the exit
status is 1 when anything is not as it says. Where a server cannot pull from the internet, C(DOKPLOY_DEMO_IMAGE),
C(DOKPLOY_DEMO_DATABASE_IMAGE), C(DOKPLOY_DEMO_COMMAND), C(DOKPLOY_DEMO_REPOSITORY) and C(DOKPLOY_DEMO_BRANCH) say what
it can have.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shlex
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools import ansible_warnings, workspace
from tools.workspace import ROOT, VENV

EXAMPLE = ROOT / "playbooks/vars/shop.yml"
OVERRIDES = {
    "DOKPLOY_DEMO_IMAGE": "shop_image",
    "DOKPLOY_DEMO_DATABASE_IMAGE": "shop_database_image",
    "DOKPLOY_DEMO_COMMAND": "shop_command",
    "DOKPLOY_DEMO_REPOSITORY": "shop_repository",
    "DOKPLOY_DEMO_BRANCH": "shop_branch",
}
# A line of the table that the playbooks show at the end: the application, and the result of its deployment.
TOLD = re.compile(r'^ *"([^"/]+/[^"/]+/[^" /]+) +(\w+)\b', re.M)
RECAP = re.compile(r"^\S+ +: +ok=(\d+) +changed=(\d+) +unreachable=(\d+) +failed=(\d+)", re.M)
# How Docker says that there is no such volume.
ABSENT_VOLUME = re.compile(r"volume \S+ not found|no such volume", re.IGNORECASE)
SERVICES = 5


class Broken(Exception):
    """Something is not as the demo says."""


@dataclass
class Demo:
    """One run of the demo.

    :param connection: C(DOKPLOY_URL) and C(DOKPLOY_API_KEY).
    :param suffix: what the names of the demo's projects end in.
    :param secret: the value of a secret variable, which must never be printed.
    """

    connection: dict[str, str]
    suffix: str
    secret: str = field(default_factory=lambda: "s3cret-" + secrets.token_hex(8))
    reported: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.env = {**workspace.environment(), **self.connection, "SHOP_DATABASE_PASSWORD": self.secret}
        # Another service of that server may have the host of the README.
        own = {"shop_suffix": self.suffix, "shop_domain": f"shop{self.suffix}.example.com"}
        self.variables = own if self.suffix else {}
        self.variables.update({ours: os.environ[name] for name, ours in OVERRIDES.items() if os.environ.get(name)})

    # --- commands ---

    def playbook(self, name: str, *words: str, quiet: bool = False, **variables: Any) -> int:
        """Run a playbook of the collection on the example; returns how many tasks changed something.

        What it told of deployments is in C(reported) then.
        """
        given = {**self.variables, **variables}
        command = ["ansible-playbook", f"community.dokploy.{name}"]
        command += ["-e", "@playbooks/vars/shop.yml"] if name != "deploy" else []
        for key, value in given.items():
            command += ["-e", f"{key}={value}" if re.fullmatch(r"[\w./:@-]+", str(value)) else json.dumps({key: value})]
        text = self.run([*command, *words], quiet)
        recap = RECAP.search(text)
        if recap is None:
            raise Broken(f"{name}: the playbook gave no recap")
        self.reported = dict(TOLD.findall(text))
        return int(recap[2])

    def run(self, command: Sequence[str], quiet: bool = False) -> str:
        """Run and show a command; returns what it said. Raises C(Broken) when it fails, or prints the secret."""
        if not quiet:
            print("$ " + shlex.join(command), flush=True)
        lines = []
        # A session of its own: Ctrl-C is for this program, which still has to clean up.
        with subprocess.Popen(
            [str(VENV / "bin" / command[0]), *command[1:]],
            cwd=ROOT,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as process:
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    lines.append(line)
                    if not quiet and line.strip():
                        print("  " + line, end="", flush=True)
            except BaseException:
                process.terminate()
                raise
        text = "".join(lines)
        if self.secret in text or self.connection["DOKPLOY_API_KEY"] in text:
            raise Broken(f"{command[0]} printed a secret")
        if command[0] == "ansible-playbook" and (warnings := ansible_warnings.unexpected(text)):
            raise Broken("; ".join(warnings))
        if process.returncode:
            raise Broken(
                f"{' '.join(command[:2])} ended with status {process.returncode}" + ("\n" + text if quiet else "")
            )
        return text

    # --- what is on the server ---

    def _read(self) -> tuple[list[str], dict[str, Any]]:
        """The names of the demo's projects, and what there is on the server."""
        names = ["shop" + self.suffix, "backoffice" + self.suffix]
        with tempfile.TemporaryDirectory(prefix="dokploy-demo-") as folder:
            answer = Path(folder, "found.json")
            given = json.dumps({"demo_projects": names, "demo_look": str(answer)})
            self.run(["ansible-playbook", "tools/demo_look.yml", "-e", given], quiet=True)
            return names, json.loads(answer.read_text())

    def look(self) -> tuple[list[str], list[dict[str, Any]]]:
        """The names of the demo's projects that exist, and its applications, each with its C(deployments)."""
        names, all_there_is = self._read()
        projects = [row["name"] for row in all_there_is["projects"] if row["name"] in names]
        applications = [{**row["item"], "deployments": row["deployments"]} for row in all_there_is["applications"]]
        return projects, sorted(applications, key=address)

    def volumes(self) -> list[str]:
        """The names of the volumes of the demo's applications and databases."""
        names, all_there_is = self._read()
        services = [row["item"] for row in all_there_is["applications"]]
        services += [row for row in all_there_is["databases"] if row["project"] in names]
        return sorted(
            {mount["name"] for row in services for mount in row.get("mounts", []) if mount["type"] == "volume"}
        )

    def applications(self) -> list[dict[str, Any]]:
        """The demo's applications."""
        return self.look()[1]

    # --- the story ---

    def tell(self) -> None:
        """All of it, in order. Raises C(Broken)."""
        head("A shop: two projects, production and staging, a database, a Compose stack, four applications")
        head("What would be set up?")
        changed = self.playbook("setup", "--check")
        expect(changed > 0 and not self.look()[0], "check mode changed something, or saw nothing to do")

        head("It is set up")
        self.playbook("setup")
        reported = self.reported

        head("What exists now")
        first = self.applications()
        print(table(first), flush=True)
        databases = {f"shop{self.suffix}/production/orders": "done"}
        expect(
            reported == {**databases, **{address(row): "done" for row in first}},
            f"the playbook told of the deployments {reported}",
        )
        expect(len(first) == SERVICES, f"there are {len(first)} stacks and applications, not {SERVICES}")
        for row in first:
            statuses = [item["status"] for item in row["deployments"]]
            expect(statuses == ["done"], f"{row['name']} has the deployments {statuses}, not one that is done")

        head("The same once more changes nothing")
        changed = self.playbook("setup")
        expect(changed == 0, f"the second run changed {changed} tasks")
        expect(counts(self.applications()) == counts(first), "the second run deployed something")
        expect(not self.reported, f"the second run told of the deployments {self.reported}")

        head("One variable is new: what would that do?")
        changed = self.playbook("setup", "--check", "--diff", shop_log_level="warning")
        expect(changed > 0, "check mode saw no change")
        web = f"shop{self.suffix}/production/web"
        expect(self.reported == {web: "planned"}, f"check mode told of the deployments {self.reported}")
        expect(counts(self.applications()) == counts(first), "check mode deployed something")
        expect(self.playbook("setup", "--check", quiet=True) == 0, "check mode wrote something")

        head("It is done: one application is updated and deployed again")
        changed = self.playbook("setup", shop_log_level="warning")
        last = self.applications()
        print(table(last), flush=True)
        more = {name: number - counts(first)[name] for name, number in counts(last).items()}
        expect(changed == 1, f"{changed} tasks changed something, not the one that applies the document")
        expect(
            {name for name, number in more.items() if number} == {web} and more[web] == 1,
            f"new deployments: {more}, but it should be one of {web}",
        )

        api = next(row for row in last if row["name"] == "api")
        commit = api["deployments"][0]["commit"]
        # An older Dokploy does not say which commit it has built.
        if commit:
            head("A step of a pipeline: the commit that is wanted is deployed already")
            names = {"dokploy_project": api["project"], "dokploy_application": "api", "dokploy_revision": commit}
            changed = self.playbook("deploy", **names)
            expect(changed == 0, f"the step of the pipeline changed {changed} tasks")
            expect(self.reported == {address(api): "unchanged"}, f"it told of the deployments {self.reported}")
            expect(counts(self.applications()) == counts(last), "what was deployed already was deployed again")

    def remove(self) -> None:
        """Nothing of the demo stays. Raises C(Broken) when something does."""
        head("And away with it")
        volumes: list[str] = []
        # Whatever the volumes are, the projects go.
        with contextlib.suppress(Broken):
            volumes = self.volumes() if self.suffix else []
        self.playbook("teardown", setup_force=True)
        left = self.look()[0]
        expect(not left, f"these projects were not removed: {', '.join(left)}")
        for name in volumes:
            self.remove_volume(name)

    def remove_volume(self, name: str, tries: int = 10) -> None:
        """Dokploy keeps the volumes of a service that is removed, since they may hold data; here nobody needs it."""
        options = {"procedure": "dockerVolume.removeVolume", "input": {"volumeName": name}}
        command = ["ansible", "localhost", "-m", "community.dokploy.dokploy_api", "-a", json.dumps(options)]
        for number in range(tries):
            # Docker lets go of it only when the last container has ended.
            time.sleep(2 if number else 0)
            try:
                self.run(command, quiet=True)
            except Broken as error:
                if ABSENT_VOLUME.search(str(error)):
                    # What was never deployed has none.
                    return
                continue
            print(f"The volume {name} is removed too.", flush=True)
            return
        # An older Dokploy has no procedure for it.
        print(f"The volume {name} stays: docker volume rm {name}", flush=True)


def expect(truth: bool, otherwise: str) -> None:
    """Raises C(Broken) with the text C(otherwise)."""
    if not truth:
        raise Broken(otherwise)


def head(text: str) -> None:
    """A heading."""
    print(f"\n=== {text} " + "=" * max(3, 100 - len(text)), flush=True)


def address(row: dict[str, Any]) -> str:
    """The names by which an application is found."""
    return f"{row['project']}/{row['environment']}/{row['name']}"


def counts(rows: list[dict[str, Any]]) -> dict[str, int]:
    """How many deployments each application has."""
    return {address(row): len(row["deployments"]) for row in rows}


def table(rows: list[dict[str, Any]]) -> str:
    """The applications as a table, one or more lines each."""
    cells = [["project", "environment", "application", "source", "domains", "mounts", "status", "deployments"]]
    for row in rows:
        source = row.get("docker", {}).get("image") or row.get("git", {}).get("url") or row.get("source", "")
        domains = [("https://" if item["https"] else "http://") + item["host"] for item in row["domains"]]
        mounts = [f"{item['name'] or item['type']} at {item['path']}" for item in row["mounts"]]
        fixed = [row["project"], row["environment"], row["name"], source]
        last = [row["status"], str(len(row["deployments"]))]
        for number in range(max(1, len(domains), len(mounts))):
            lists = [part[number] if number < len(part) else "" for part in (domains, mounts)]
            cells.append([*fixed, *lists, *last] if number == 0 else ["", "", "", "", *lists, "", ""])
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    cells.insert(1, ["-" * width for width in widths])
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in cells]
    return textwrap.indent("\n".join(line.rstrip() for line in lines), "  ")


@contextlib.contextmanager
def simulator() -> Iterator[dict[str, str]]:
    """A simulated server that lives as long as the context; its URL and key."""
    key = "demo-" + secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="dokploy-demo-") as folder:
        ready, log = Path(folder, "port"), Path(folder, "log")
        command = [sys.executable, "-m", "dokploy_simulator", "--port", "0", "--port-file", str(ready)]
        command += ["--api-key", key, "--build-seconds", "0.5", "--parent-pid", str(os.getpid())]
        with log.open("w") as output:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=workspace.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            deadline = time.monotonic() + 60
            while not ready.exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise Broken("the simulator did not start:\n" + log.read_text())
                time.sleep(0.05)
            yield {"DOKPLOY_URL": f"http://127.0.0.1:{int(ready.read_text())}", "DOKPLOY_API_KEY": key}
        finally:
            process.terminate()
            process.wait(timeout=30)


@contextlib.contextmanager
def server() -> Iterator[tuple[dict[str, str], str]]:
    """The connection, and the suffix that sets the demo's names apart from others on that server.

    Raises C(Broken) when only one of the two variables is set.
    """
    given = {name: os.environ.get(name, "") for name in ("DOKPLOY_URL", "DOKPLOY_API_KEY")}
    if all(given.values()):
        others = {
            name: value
            for name, value in os.environ.items()
            if name.startswith("DOKPLOY_") and not name.startswith("DOKPLOY_DEMO_")
        }
        print(f"The server is {given['DOKPLOY_URL']}.", flush=True)
        yield {**others, **given}, "-demo-" + secrets.token_hex(3)
    elif any(given.values()):
        missing = [name for name, value in given.items() if not value]
        raise Broken(f"{missing[0]} is not set; for the simulated server, unset both")
    else:
        with simulator() as connection:
            print(f"The server is simulated, at {connection['DOKPLOY_URL']} as long as this takes.", flush=True)
            yield connection, ""


def main() -> int:
    """Entry point; returns the exit status."""
    # An end from outside takes the same way as any other: through the cleaning up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    start = time.monotonic()
    problems = []
    try:
        with server() as (connection, suffix):
            demo = Demo(connection, suffix)
            try:
                demo.tell()
            except Broken as error:
                problems.append(str(error))
            finally:
                try:
                    demo.remove()
                except Broken as error:
                    problems.append(f"cleaning up: {error}")
    except Broken as error:
        problems.append(str(error))
    except KeyboardInterrupt:
        problems.append("interrupted")
    for problem in problems:
        print(f"\nThe demo FAILED: {problem}", flush=True)
    if not problems:
        print(f"\nAll as promised, in {time.monotonic() - start:.0f} seconds.", flush=True)
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
