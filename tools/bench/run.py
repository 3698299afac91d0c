# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a loop over applications costs: ``python tools/bench/run.py [--count 100] [--runs 5]``.

Five ways to look at the same unchanged applications on one simulator, three to create as many with a domain and a
mount each, and two to change a variable in all of them, all in one run, since only ratios mean something on a machine
that others use too:

a) a bare Python script with a keep-alive session that does the minimal reads,
b) one ``dokploy_application`` task looping over them, in process,
c) the same through packaged modules,
d) ``ansible.builtin.uri`` doing only the reads,
e) a bare Python script with a keep-alive session that creates: a read of the project, then four writes an application,
f) one ``dokploy_application`` task that creates, in process,
g) one ``dokploy_manifest`` task with all of them unchanged, in process,
h) one ``dokploy_manifest`` task that creates,
i) a bare Python script with a keep-alive session that changes a variable: a read and a write an application,
j) one ``dokploy_manifest`` task that changes it.

The start-up of an empty playbook, or of an empty script, is subtracted; what each imports for its work (requests, the
engine) counts. Each is taken on a server that answers every request in 5 ms, and on one
that answers as a real one does (30 ms for a REST call, 20 for a single tRPC call, 6.5 for each item of a batch).
Prints lines ``name ratio value``; progress goes to the error stream. ``real f/e`` is to be at most 1.5: of the requests
it is 1.25, which a unit test counts. ``real g/a`` and ``real h/e`` are to be at most 0.4, ``real j/i`` at most 0.5.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tools import workspace  # noqa: E402

KEY = "s3cret-benchmark-key"
SERVERS = {"5ms": ["--latency-ms", "5"], "real": ["--profile", "real"]}
FIELDS = {"sourceType": "docker", "dockerImage": "nginx:1.27", "replicas": 2, "env": "A=1\nB=two words"}
# What the slow ways are worth: they take half a minute each, and their spread is small beside their distance.
SLOW_RUNS = 1

HEAD = """
- hosts: localhost
  gather_facts: false
  tasks:
"""
EMPTY = """
    - ansible.builtin.meta: noop
"""
TASK = """
    - community.dokploy.dokploy_application:
        project: bench
        name: "{{ item.name }}"
        docker: {image: "nginx:1.27"}
        replicas: 2
        env: {A: 1, B: two words}
        domains: [{host: "{{ item.name }}-0.example.com"}]
      loop: "{{ applications }}"
"""
CREATION = """
    - community.dokploy.dokploy_application:
        project: "{{ project }}"
        name: "{{ item.name }}"
        docker: {image: "nginx:1.27"}
        replicas: 2
        env: {A: 1, B: two words}
        domains: [{host: "{{ item.name }}.example.com"}]
        mounts: [{type: volume, name: data, path: /data}]
      loop: "{{ applications }}"
"""
DOCUMENT = """
    - community.dokploy.dokploy_manifest:
        projects:
          - name: "{{ project }}"
            environments:
              - name: production
                applications: "{{ described }}"
        deploy: never
"""
URI = """
    - ansible.builtin.uri:
        url: "{{ url }}/api/application.one?applicationId={{ item.id }}"
        headers: {x-api-key: "{{ key }}"}
      loop: "{{ applications }}"
"""


@contextlib.contextmanager
def simulator(arguments: list[str], folder: Path) -> Iterator[str]:
    """A simulator in a process of its own; gives its URL."""
    port_file = folder / "port"
    port_file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "dokploy_simulator", "--port-file", str(port_file), "--api-key", KEY, *arguments]
    with subprocess.Popen([*command, "--parent-pid", str(os.getpid())], cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            while not (port_file.exists() and port_file.read_text()):
                if process.poll() is not None:
                    raise SystemExit("the simulator has ended")
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port_file.read_text().strip()}"
        finally:
            process.terminate()


class Bench:
    """All ways on one server."""

    def __init__(self, url: str, folder: Path, count: int) -> None:
        import requests

        seed = {"applications": count, "project": "bench", "domains": 1, "fields": FIELDS}
        ids = requests.post(url + "/_sim/seed", json=seed, timeout=30).json()["applicationIds"]
        applications = [{"name": f"app-{number:03d}", "id": resource_id} for number, resource_id in enumerate(ids)]
        self.url, self.folder, self.count, self.value = url, folder, count, 1
        self.variables = folder / "variables.json"
        self.variables.write_text(json.dumps({"applications": applications, "url": url, "key": KEY}))
        self.env = workspace.environment() | {"DOKPLOY_URL": url, "DOKPLOY_API_KEY": KEY}

    def script(self, *arguments: str) -> float:
        """Seconds of a whole Python process."""
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], env=self.env, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start

    @contextlib.contextmanager
    def project(self) -> Iterator[str]:
        """The name of a project for one of the ways to create applications; it goes with them."""
        import requests

        def post(procedure: str, body: dict[str, str]) -> Any:
            answer = requests.post(f"{self.url}/api/{procedure}", json=body, headers={"x-api-key": KEY}, timeout=30)
            answer.raise_for_status()
            return answer.json()

        made = post("project.create", {"name": "created"})["project"]
        yield made["name"]
        post("project.remove", {"projectId": made["projectId"]})

    def playbook(self, tasks: str, changed: int = 0, **variables: Any) -> float:
        """Seconds of a whole ``ansible-playbook``."""
        path = self.folder / "playbook.yml"
        path.write_text(HEAD + tasks)
        command = ["ansible-playbook", str(path), "-e", f"@{self.variables}", "-e", json.dumps(variables)]
        start = time.perf_counter()
        process = subprocess.run(command, env=self.env, capture_output=True, text=True, cwd=self.folder, check=False)
        seconds = time.perf_counter() - start
        counted = re.search("changed=([0-9]+)", process.stdout)
        if process.returncode or int(counted[1] if counted else 0) != changed:
            raise SystemExit(
                f"the playbook failed, or did what it should not:\n{process.stdout[-3000:]}\n{process.stderr[-1000:]}"
            )
        return seconds

    def document(self, project: str, changed: int = 0, mounts: bool = False, value: int = 1) -> float:
        """Seconds of a playbook with all applications in one document."""
        mount = {"mounts": [{"type": "volume", "name": "data", "path": "/data"}]} if mounts else {}
        host = "app-%03d.example.com" if mounts else "app-%03d-0.example.com"
        described = [
            {
                "name": f"app-{number:03d}",
                "docker": {"image": "nginx:1.27"},
                "replicas": 2,
                "env": {"A": str(value), "B": "two words"},
                "domains": [{"host": host % number}],
                **mount,
            }
            for number in range(self.count)
        ]
        return self.playbook(DOCUMENT, changed=changed, project=project, described=described)

    def changing(self) -> dict[str, float]:
        """Seconds to change a variable in all applications with a script, and with a document."""
        changing = str(Path(__file__).with_name("changing.py"))
        self.value += 2
        return {
            "i": self.script(changing, self.url, str(self.value - 1)),
            "j": self.document("bench", changed=1, value=self.value),
        }

    def measure(self, runs: int, slow_runs: int) -> dict[str, float]:
        """Median seconds of each way, start-up subtracted; the ways take turns, so that a slow minute hits them all."""
        measured: dict[str, list[float]] = {}
        bare, creating = (str(Path(__file__).with_name(name)) for name in ("bare.py", "creating.py"))
        for number in range(runs):
            measured.setdefault("empty", []).append(self.playbook(EMPTY))
            measured.setdefault("blank", []).append(self.script("-c", "import os, sys"))
            measured.setdefault("a", []).append(self.script(bare, self.url))
            measured.setdefault("b", []).append(self.playbook(TASK))
            with self.project() as name:
                measured.setdefault("e", []).append(self.script(creating, self.url, name, str(self.count)))
            with self.project() as name:
                measured.setdefault("f", []).append(self.playbook(CREATION, changed=1, project=name))
            measured.setdefault("g", []).append(self.document("bench"))
            with self.project() as name:
                measured.setdefault("h", []).append(self.document(name, changed=1, mounts=True))
            for way, seconds in self.changing().items():
                measured.setdefault(way, []).append(seconds)
            # As the other ways find it.
            self.document("bench", changed=1)
            if number < slow_runs:
                measured.setdefault("c", []).append(self.playbook(TASK, dokploy_in_process=False))
                measured.setdefault("d", []).append(self.playbook(URI))
        median = {name: statistics.median(values) for name, values in measured.items()}
        empty, blank = median.pop("empty"), median.pop("blank")
        return {name: value - (blank if name in ("a", "e", "i") else empty) for name, value in median.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100, help="applications in the loop")
    parser.add_argument("--runs", type=int, default=5, help="runs of all but c and d; the median counts")
    parser.add_argument("--slow-runs", type=int, default=SLOW_RUNS, help="runs of c and d; 0 leaves them out")
    parser.add_argument("--server", choices=list(SERVERS), action="append", help="only this server")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for server in options.server or list(SERVERS):
            with simulator(SERVERS[server], folder) as url:
                seconds = Bench(url, folder, options.count).measure(options.runs, options.slow_runs)
            for way, value in sorted(seconds.items()):
                print(f"{server}: {way} {value:.2f} s for {options.count} applications", file=sys.stderr)
            for above, below in (("b", "a"), ("d", "b"), ("c", "b"), ("f", "e"), ("g", "a"), ("h", "e"), ("j", "i")):
                if above in seconds:
                    print(f"{server} {above}/{below} {seconds[above] / seconds[below]:.2f}", flush=True)


if __name__ == "__main__":
    main()
