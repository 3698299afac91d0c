# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What much of something costs: ``python tools/bench/large.py [--only SCENE ...] [--small]``.

Every scene runs one playbook with less and with more of it, each on a simulator of its own:

    unchanged    a loop over applications that are as they should be
    creation     a loop that creates them
    variables    a loop that creates them with 20 variables each, which no two of them share
    check        the same loop in check mode, with ``--diff``
    info         ``dokploy_application_info`` and ``dokploy_project_info`` over all of them
    older        ``unchanged`` on Dokploy 0.25.0
    role         the role ``setup`` over unchanged applications
    env          one application with so many variables: created, unchanged, all changed with ``--diff``, merged
    children     one application with so many domains, mounts and ports: created, unchanged, removed with ``--diff``
    middlewares  the same with redirects and users
    archive      a ZIP of so many MB, in process; archive-module: the same as a packaged module
    folder       a folder of so many MB in many files; folder-module likewise
    log          a build whose log has so many lines, told while it grows
    handles      waiting for so many deployments at once

Prints lines ``SCENE COUNT seconds peak requests``, the start-up of an empty playbook subtracted from the seconds, and
below each scene what matters: ``SCENE time RATIO`` is how much longer one item takes when there are more of them (near
1: time grows linearly), ``SCENE memory BYTES`` is by how much the largest process grows for each item. The peak is the
most memory that ``ansible-playbook``, a worker of it or a packaged module has resident. Ends with status 1 where memory
grows by more than it may, or a file is left behind; time depends on the machine and is for the reader to judge.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tools import workspace  # noqa: E402
from tools.bench.run import EMPTY, HEAD, KEY, simulator  # noqa: E402

MB = 1024 * 1024

LOOP = """
    - community.dokploy.dokploy_application:
        project: bench
        environment: "{{ place }}"
        name: "app-{{ '%04d' | format(item) }}"
        docker: {image: "nginx:1.27"}
        env: {A: 1, B: two words}
      loop: "{{ range(count) | list }}"
"""
TWENTY = ", ".join(f"VARIABLE_{number}: 'value {number} of {{{{ item }}}}'" for number in range(20))
VARIABLES = LOOP.replace("{A: 1, B: two words}", "{%s}" % TWENTY)
INFO = """
    - community.dokploy.dokploy_application_info:
        project: bench
    - community.dokploy.dokploy_project_info:
"""
ROLE = """
    - ansible.builtin.include_role:
        name: community.dokploy.setup
      vars:
        setup_deploy: never
        setup_projects:
          - name: bench
            environments:
              - name: production
                applications: "{{ applications }}"
"""
ONE = """
    - community.dokploy.dokploy_application:
        project: bench
        name: one
        docker: {image: "nginx:1.27"}
"""
ENV = ONE + "        env: \"{{ lookup('ansible.builtin.file', folder ~ '/env.json') | from_json }}\"\n"
IN_FILE = (
    "        {name}: \"{{{{ (lookup('ansible.builtin.file', folder ~ '/children.json') | from_json).{name} }}}}\"\n"
)
UPLOAD = """
    - community.dokploy.dokploy_deployment:
        project: bench
        application: app-0000
        {source}: "{{{{ folder }}}}/{source}"
        verify: false
"""
FOLLOW = """
    - community.dokploy.dokploy_deployment:
        project: bench
        application: app-0000
        trigger: always
        verify: false
        follow: true
"""
HANDLES = """
    - community.dokploy.dokploy_deployment:
        project: bench
        application: "app-{{ '%04d' | format(item) }}"
        trigger: always
        wait: false
      loop: "{{ range(count) | list }}"
      register: started
    - community.dokploy.dokploy_deployment:
        state: finished
        handles: "{{ started.results | map(attribute='handle') }}"
        verify: false
"""


@dataclass
class Ran:
    """What one playbook took: seconds, bytes of its largest process, requests."""

    seconds: float
    peak: int
    requests: int


class Place:
    """A simulator and a folder for one size of a scene."""

    def __init__(self, url: str, folder: Path, count: int) -> None:
        self.url, self.folder, self.count = url, folder, count
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self.env = workspace.environment() | {
            "DOKPLOY_URL": url,
            "DOKPLOY_API_KEY": KEY,
            "TMPDIR": str(self.temporary),
            "ANSIBLE_LOCAL_TEMP": str(folder / "ansible"),
            "ANSIBLE_REMOTE_TEMP": str(folder / "remote"),
        }

    def control(self, call: str, body: Any = None) -> Any:
        import requests

        if body is None:
            return requests.get(f"{self.url}/_sim/{call}", timeout=60).json()
        return requests.post(f"{self.url}/_sim/{call}", json=body, timeout=60).json()

    def seed(self, applications: int, **more: Any) -> None:
        self.control("seed", {"project": "bench", "applications": applications, "name": "app-{:04d}", **more})

    def play(self, tasks: str, *options: str, **variables: Any) -> Ran:
        """Run a playbook; it must not fail."""
        path = self.folder / "playbook.yml"
        path.write_text(HEAD + tasks)
        values = {"count": self.count, "folder": str(self.folder), "place": "production", **variables}
        file = self.folder / "variables.json"
        file.write_text(json.dumps(values))
        self.control("stats/reset", {})
        output = self.folder / "output"
        start = time.perf_counter()
        with output.open("w") as out:
            command = ["ansible-playbook", str(path), "-e", f"@{file}", *options]
            process = subprocess.Popen(command, env=self.env, stdout=out, stderr=subprocess.STDOUT, cwd=self.folder)
            _pid, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - start
        if status:
            raise SystemExit(f"the playbook failed:\n{output.read_text()[-3000:]}")
        return Ran(seconds, used.ru_maxrss * 1024, self.control("stats")["http"])


SEEDED: dict[str, Any] = {"fields": {"sourceType": "docker", "dockerImage": "nginx:1.27", "env": "A=1\nB=two words"}}

Result = Iterator[tuple[str, Ran]]


def unchanged(place: Place) -> Result:
    place.seed(place.count, **SEEDED)
    yield "", place.play(LOOP)


def creation(place: Place) -> Result:
    place.seed(0)
    yield "", place.play(LOOP)


def variables(place: Place) -> Result:
    place.seed(0)
    yield "", place.play(VARIABLES)


def check(place: Place) -> Result:
    place.seed(0)
    yield "", place.play(LOOP, "--check", "--diff")


def info(place: Place) -> Result:
    place.seed(place.count, **SEEDED)
    yield "", place.play(INFO)


def older(place: Place) -> Result:
    place.control("config", {"version": "0.25.0"})
    long = "".join(f"\nVARIABLE_{number}=value number {number}" for number in range(100))
    place.seed(place.count, fields={**SEEDED["fields"], "env": "A=1\nB=two words", "buildArgs": long})
    yield "", place.play(LOOP)


def role(place: Place) -> Result:
    place.seed(place.count, **SEEDED)
    wanted = {"docker": {"image": "nginx:1.27"}, "env": {"A": 1, "B": "two words"}}
    applications = [{"name": f"app-{number:04d}", **wanted} for number in range(place.count)]
    yield "", place.play(ROLE, applications=applications)


def env(place: Place) -> Result:
    place.seed(0)
    numbers = range(place.count)

    def write(value: str, step: int = 1) -> None:
        wanted = {f"VARIABLE_{number}": f"{value} {number}" for number in numbers[::step]}
        (place.folder / "env.json").write_text(json.dumps(wanted))

    write("value number")
    yield "-created", place.play(ENV)
    yield "-unchanged", place.play(ENV)
    write("another value")
    yield "-changed", place.play(ENV, "--diff")
    write("one more", 2)
    yield "-merged", place.play(ENV + "        env_mode: merge\n", "--diff")


def children_of(make: dict[str, Callable[[int], dict[str, Any]]]) -> Callable[[Place], Result]:
    def scene(place: Place) -> Result:
        place.seed(0)
        wanted = {name: [make_child(number) for number in range(place.count)] for name, make_child in make.items()}
        (place.folder / "children.json").write_text(json.dumps(wanted))
        stated = ONE + "".join(IN_FILE.format(name=name) for name in wanted)
        yield "-created", place.play(stated, "--diff")
        yield "-unchanged", place.play(stated)
        yield "-removed", place.play(ONE + "".join(f"        {name}: []\n" for name in wanted), "--diff")

    return scene


children = children_of(
    {
        "domains": lambda number: {"host": f"h{number}.example.com", "port": 3000},
        "mounts": lambda number: {"type": "volume", "name": f"v{number}", "path": f"/d{number}"},
        "ports": lambda number: {"published_port": number + 1000, "target_port": 80},
    }
)
# Apart from the domains: the server lists each of these with each of those, and writes all of it again every time.
middlewares = children_of(
    {
        "redirects": lambda number: {"regex": f"^/{number}$", "replacement": "/"},
        "basic_auth": lambda number: {"username": f"u{number}", "password": "sesame-sesame"},
    }
)


def upload(source: str, in_process: bool) -> Callable[[Place], Result]:
    def scene(place: Place) -> Result:
        place.seed(1, fields={"sourceType": "drop", "buildType": "static"})
        chance = random.Random(1)
        if source == "archive":
            with zipfile.ZipFile(place.folder / "archive", "w") as archive:
                for number in range(place.count):
                    archive.writestr(f"file-{number}.bin", chance.randbytes(MB))
        else:
            for number in range(place.count * 100):
                folder = place.folder / "path" / f"folder-{number // 100}"
                folder.mkdir(parents=True, exist_ok=True)
                (folder / f"file-{number}.bin").write_bytes(chance.randbytes(MB // 100))
        yield "", place.play(UPLOAD.format(source=source), dokploy_in_process=in_process)
        left = [path.name for path in place.temporary.rglob("*.zip")]
        if left:
            raise SystemExit(f"left behind: {left}")

    return scene


def log(place: Place) -> Result:
    place.seed(1, **SEEDED)
    lines = [f"step {number} of it" for number in range(place.count)]
    place.control("config", {"builds": [{"image": "*", "log": lines, "seconds": place.count / 1000}]})
    yield "", place.play(FOLLOW)


def handles(place: Place) -> Result:
    place.seed(place.count, **SEEDED)
    place.control("config", {"build_seconds": 0.01})
    yield "", place.play(HANDLES)


@dataclass(frozen=True)
class Scene:
    """:param sizes: less and more. :param bytes_per_item: by how much a process may grow for each item more."""

    run: Callable[[Place], Result]
    sizes: tuple[int, ...]
    bytes_per_item: int
    small: tuple[int, ...] = field(default=())


# What a loop keeps of each item is its result, in a worker and in the main process; of a file in an upload its name
# and hash, of a megabyte of it nothing.
SCENES: dict[str, Scene] = {
    "unchanged": Scene(unchanged, (250, 500, 1000), 64 * 1024),
    "creation": Scene(creation, (250, 500, 1000), 64 * 1024),
    "variables": Scene(variables, (250, 1000), 64 * 1024),
    "check": Scene(check, (250, 1000), 64 * 1024),
    "info": Scene(info, (250, 1000), 64 * 1024),
    "older": Scene(older, (250, 1000), 96 * 1024),
    "role": Scene(role, (250, 1000), 128 * 1024),
    "env": Scene(env, (2000, 8000), 8 * 1024),
    "children": Scene(children, (50, 200), 128 * 1024),
    "middlewares": Scene(middlewares, (50, 200), 128 * 1024),
    "archive": Scene(upload("archive", True), (3, 300), 8 * 1024),
    "archive-module": Scene(upload("archive", False), (3, 300), 8 * 1024),
    "folder": Scene(upload("path", True), (3, 300), 400 * 1024),
    "folder-module": Scene(upload("path", False), (3, 300), 400 * 1024),
    "log": Scene(log, (20000, 200000), 256),
    "handles": Scene(handles, (50, 200), 64 * 1024),
}


def measure(name: str, scene: Scene, sizes: tuple[int, ...]) -> bool:
    """Run one scene in all sizes, and tell; whether memory grew no more than it may."""
    results: dict[str, list[tuple[int, Ran]]] = {}
    for count in sizes:
        with tempfile.TemporaryDirectory() as folder, simulator([], Path(folder)) as url:
            place = Place(url, Path(folder), count)
            empty = place.play(EMPTY)
            for part, ran in scene.run(place):
                seconds = max(ran.seconds - empty.seconds, 0.1)
                results.setdefault(part, []).append((count, Ran(seconds, ran.peak, ran.requests)))
                print(
                    f"{name}{part} {count} {seconds:.2f} s {ran.peak / MB:.1f} MiB {ran.requests} requests", flush=True
                )
    well = True
    for part, runs in results.items():
        (less, small), (more, large) = runs[0], runs[-1]
        ratio = (large.seconds / more) / (small.seconds / less)
        growth = (large.peak - small.peak) / (more - less)
        well = well and growth <= scene.bytes_per_item
        verdict = "" if growth <= scene.bytes_per_item else f", more than {scene.bytes_per_item}"
        print(f"{name}{part} time {ratio:.2f}")
        print(f"{name}{part} memory {growth:.0f}{verdict}", flush=True)
    return well


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=list(SCENES), action="append", metavar="SCENE", help="only this scene")
    parser.add_argument("--small", action="store_true", help="a tenth of everything")
    options = parser.parse_args()
    well = True
    for name in options.only or list(SCENES):
        scene = SCENES[name]
        sizes = tuple(max(size // 10, 1) for size in scene.sizes) if options.small else scene.sizes
        well = measure(name, scene, sizes) and well
    sys.exit(not well)


if __name__ == "__main__":
    main()
