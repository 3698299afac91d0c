# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a recovery costs beside its restores: ``python tools/bench/recovery.py [--megabytes 10] [--databases 5]``.

On the instance of C(DOKPLOY_URL) and C(DOKPLOY_API_KEY), 20 services are made: PostgreSQL databases, and applications
with a volume, each with some megabytes that compress badly. They are saved as a set, and removed. On the instance of
the room in C(REAL_SECOND) the archives are then

a) restored one after the other by a bare script: into databases that run, and into volumes that nothing uses,
b) recovered by the playbook C(recover), which also creates, checks and deploys everything.

Prints the seconds of both and their ratio, which is to be at most 1.3. The instances, the images and S3 are those of
``make real``, on this machine: it takes C(REAL_IMAGE), C(REAL_POSTGRES), C(REAL_S3) and C(REAL_BUCKET), and its Docker.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tools import workspace  # noqa: E402
from tools.real.__main__ import variables_of  # noqa: E402

# Without IPVS, Docker finds a service by its name in this mode only.
BY_NAME = {"mode": "dnsrr"}
PASSWORD = "s3cret-benchmark-database"
RESTORED = ("Restore completed successfully", "Volume restore completed successfully")
# moto refuses what rclone sends in parts.
WHOLE = ["--streaming-upload-cutoff=1G", "--s3-upload-cutoff=2G"]
# Bytes of a row, nearly.
ROW = 100
# Seconds for the first start of a database, for the end of containers, and for a restore.
PATIENCE = 600


@dataclass(frozen=True)
class Instance:
    url: str
    key: str = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        return {"x-api-key": self.key}

    def query(self, procedure: str, **params: str) -> Any:
        answer = requests.get(f"{self.url}/api/{procedure}", params=params, headers=self.headers, timeout=PATIENCE)
        answer.raise_for_status()
        return answer.json()

    def stream(self, procedure: str, **params: Any) -> None:
        """Wait for the end of a restore. :raises SystemExit: it has failed."""
        text = quote(json.dumps({"json": params}))
        answer = requests.get(
            f"{self.url}/api/trpc/{procedure}?input={text}", headers=self.headers, timeout=PATIENCE, stream=True
        )
        lines = answer.content.decode(errors="replace")
        if not any(words in lines for words in RESTORED):
            raise SystemExit(f"{procedure} {params}: {lines[-2000:]}")

    def services(self, project: str) -> dict[str, dict[str, Any]]:
        """The rows of the databases and applications of a project, by their names."""
        (row,) = (row for row in self.query("project.all") if row["name"] == project)
        content = self.query("environment.one", environmentId=row["environments"][0]["environmentId"])
        rows = [self.query("postgres.one", postgresId=row["postgresId"]) for row in content["postgres"]]
        for row in content["applications"]:
            rows.append(self.query("application.one", applicationId=row["applicationId"]))
        return {row["name"]: row for row in rows}


class Bench:
    def __init__(self, folder: Path, options: argparse.Namespace) -> None:
        self.folder, self.options, self.name = folder, options, f"bench-{secrets.token_hex(3)}"
        self.first = Instance(os.environ["DOKPLOY_URL"], os.environ["DOKPLOY_API_KEY"])
        other = variables_of(Path(os.environ["REAL_SECOND"]) / "environment")
        self.second = Instance(other["DOKPLOY_URL"], other["DOKPLOY_API_KEY"])
        self.databases = [f"db-{number}" for number in range(options.databases)]
        self.applications = [f"app-{number}" for number in range(options.services - options.databases)]

    # --- playbooks ---

    def playbook(self, at: Instance, name: str, **variables: Any) -> float:
        """Seconds of one that succeeds. :param name: of the collection, or the path of a file."""
        connection = {"dokploy_url": at.url, "dokploy_api_key": at.key, "dokploy_request_timeout": 900}
        path = self.folder / "variables.json"
        path.touch(0o600)
        path.write_text(json.dumps({**connection, **variables}))
        command = ["ansible-playbook", name, "-e", f"@{path}"]
        begin = time.perf_counter()
        process = subprocess.run(
            command, env=workspace.environment(), cwd=self.folder, capture_output=True, text=True, check=False
        )
        seconds = time.perf_counter() - begin
        if process.returncode:
            raise SystemExit(f"{name}:\n{process.stdout[-4000:]}\n{process.stderr[-2000:]}")
        return seconds

    def tasks(self, at: Instance, *tasks: dict[str, Any]) -> float:
        connection = {"dokploy_url": at.url, "dokploy_api_key": at.key, "request_timeout": 900}
        defaults = {"group/community.dokploy.dokploy": connection}
        play = {"hosts": "localhost", "gather_facts": False, "module_defaults": defaults, "tasks": list(tasks)}
        (self.folder / "tasks.yml").write_text(json.dumps([play]))
        return self.playbook(at, "tasks.yml")

    # --- what there is ---

    def document(self, *, only_databases: bool = False) -> dict[str, Any]:
        login = {"database": "shop", "user": "shop", "password": PASSWORD}
        image = os.environ["REAL_POSTGRES"]
        databases = [
            {"name": name, "type": "postgres", "image": image, **login, "endpoint_spec": BY_NAME}
            for name in self.databases
        ]
        applications = [
            {
                "name": name,
                "docker": {"image": os.environ["REAL_IMAGE"]},
                "mounts": [{"type": "volume", "name": f"{self.name}-{name}", "path": "/data"}],
                "endpoint_spec": BY_NAME,
            }
            for name in self.applications
        ]
        if only_databases:
            # It carries the restores of volumes, and never runs.
            applications = [{"name": "carrier", "docker": {"image": os.environ["REAL_IMAGE"]}, "deploy": "never"}]
        destination = {
            "name": self.name,
            "provider": "Other",
            "bucket": os.environ["REAL_BUCKET"],
            "region": "us-east-1",
            "endpoint": os.environ["REAL_S3"],
            "access_key": "any",
            "secret_access_key": "s3cret-bucket",
            "additional_flags": WHOLE,
        }
        environment = {"name": "production", "databases": databases, "applications": applications}
        projects = [{"name": self.name, "environments": [environment]}]
        return {"community.dokploy.dokploy_manifest": {"destinations": [destination], "projects": projects}}

    def fill(self) -> None:
        self.tasks(self.first, self.document())
        size = self.options.megabytes
        names = {name: row["appName"] for name, row in self.first.services(self.name).items()}
        sql = (
            "create table numbers as select n, md5(n::text) || md5(random()::text) as t "
            f"from generate_series(1, {size * 1000000 // ROW}) n"
        )
        for name in self.databases:
            within(names[name], "psql", "-U", "shop", "-d", "shop", "-c", sql)
        for name in self.applications:
            within(names[name], "dd", "if=/dev/urandom", "of=/data/file", "bs=1000000", f"count={size}")

    def save(self) -> float:
        dest = str(self.folder / "sets")
        own = {"backup_dest": dest, "backup_destination": self.name, "backup_projects": self.name}
        return self.playbook(self.first, "community.dokploy.backup", **own, backup_secrets="file")

    def remove(self, at: Instance, *volumes: str) -> None:
        rows = self.services_of(at)
        names = [f"{row['appName']}-data" for row in rows.values()] + [f"{self.name}-{name}" for name in rows]
        self.tasks(
            at,
            {"community.dokploy.dokploy_project": {"name": self.name, "state": "absent", "force": True}},
            {"community.dokploy.dokploy_destination": {"name": self.name, "state": "absent", "force": True}},
        )
        end = time.monotonic() + PATIENCE
        while left := [name for name in docker("volume", "ls", "--quiet").split() if name in (*names, *volumes)]:
            subprocess.run(["docker", "volume", "rm", *left], capture_output=True, check=False)
            if time.monotonic() > end:
                raise SystemExit(f"these volumes cannot be removed: {left}")
            time.sleep(1)

    def services_of(self, at: Instance) -> dict[str, dict[str, Any]]:
        known = any(row["name"] == self.name for row in at.query("project.all"))
        return at.services(self.name) if known else {}

    # --- the two ways ---

    def alone(self) -> float:
        """Seconds of the restores, one after the other."""
        self.tasks(self.second, self.document(only_databases=True))
        saved = yaml.safe_load((self.folder / "sets/newest/archives.yml").read_text())
        rows = self.second.services(self.name)
        (destination,) = (row for row in self.second.query("destination.all") if row["name"] == self.name)
        for name in self.databases:
            within(rows[name]["appName"], "psql", "-U", "shop", "-d", "shop", "-c", "select 1")
        seconds, volumes = 0.0, list[str]()
        for archive in saved["archives"]:
            own = {"destinationId": destination["destinationId"]}
            begin = time.perf_counter()
            if archive["method"] == "dump":
                row = rows[archive["path"].rpartition("/")[2]]
                own.update(databaseId=row["postgresId"], databaseType="postgres", databaseName="shop")
                self.second.stream(
                    "backup.restoreBackupWithLogs", **own, backupType="database", backupFile=archive["file"]
                )
            else:
                volumes.append(f"{self.name}-alone-{len(volumes)}")
                own.update(id=rows["carrier"]["applicationId"], serviceType="application", volumeName=volumes[-1])
                self.second.stream("volumeBackups.restoreVolumeBackupWithLogs", **own, backupFileName=archive["file"])
            seconds += time.perf_counter() - begin
        self.remove(self.second, *volumes)
        return seconds

    def recovered(self) -> float:
        """Seconds of the playbook."""
        report = self.folder / "report.json"
        own = {"recover_set": str(self.folder / "sets/newest"), "recover_image": os.environ["REAL_IMAGE"]}
        seconds = self.playbook(self.second, "community.dokploy.recover", **own, recover_reports=str(report))
        archives = json.loads(report.read_text())["archives"]
        if len(archives) != self.options.services or any(archive["failed"] for archive in archives):
            raise SystemExit(f"not all came back: {archives}")
        self.remove(self.second)
        return seconds


def docker(*words: str) -> str:
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout


def within(app_name: str, *words: str) -> None:
    """Run a command in the container of a service, as soon as that takes it."""
    end = time.monotonic() + PATIENCE
    while True:
        containers = docker("ps", "--quiet", "--filter", f"name=^{app_name}[.]").split()
        command = ["docker", "exec", *containers[:1], *words]
        process = subprocess.run(command, capture_output=True, text=True, check=False)
        if containers and not process.returncode:
            return
        if time.monotonic() > end:
            raise SystemExit(f"{app_name}: {process.stderr}")
        time.sleep(2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--services", type=int, default=20, help="databases and applications")
    parser.add_argument("--databases", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=10, help="of each")
    parser.add_argument("--runs", type=int, default=1, help="of both ways, which take turns; the least of each counts")
    options = parser.parse_args()
    needed = ("DOKPLOY_URL", "DOKPLOY_API_KEY", "REAL_SECOND", "REAL_IMAGE", "REAL_POSTGRES", "REAL_S3", "REAL_BUCKET")
    if missing := [name for name in needed if not os.environ.get(name)]:
        raise SystemExit(f"set {', '.join(missing)}: tools/real/README.md says how")
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name), options)
        try:
            bench.fill()
            print(f"set {bench.save():.1f} s", file=sys.stderr, flush=True)
            bench.remove(bench.first)
            runs = [(bench.alone(), bench.recovered()) for _number in range(options.runs)]
        finally:
            for instance in (bench.first, bench.second):
                bench.remove(instance)
    alone, recovered = (min(seconds) for seconds in zip(*runs, strict=True))
    print(f"restores {alone:.1f} s")
    print(f"recovery {recovered:.1f} s")
    print(f"ratio {recovered / alone:.2f}")


if __name__ == "__main__":
    main()
