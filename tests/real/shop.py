# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A project with data: an application that notes orders in PostgreSQL and in its volume, Redis, and a stack with files.

The data is looked at by the Docker of this machine, which is that of the instances which C(make real) brings up.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.real.playbooks import Server, task

# The images of Debian have Perl. An order is acknowledged once PostgreSQL and the volume have it.
SCRIPT = r"""
use IO::Socket::INET;
$| = 1;
$SIG{TERM} = sub { exit 0 };
my ($psql) = glob("/usr/lib/postgresql/*/bin/psql");
sub sql { system($psql, "-qX", "-v", "ON_ERROR_STOP=1", $ENV{DATABASE}, "-c", shift) == 0 }
sleep 1 until sql("create table if not exists orders (number bigint)");
my $server = IO::Socket::INET->new(LocalPort => 80, Listen => 16, ReuseAddr => 1) or die "port 80: $!";
while (my $client = $server->accept) {
  my ($number) = (<$client> // "") =~ m{^POST /(\d+) };
  while (defined(my $line = <$client>)) { last if $line =~ /^\r?\n$/ }
  my $noted = !defined $number || sql("insert into orders values ($number)");
  if ($noted && defined $number) {
    open(my $file, ">>", "/data/orders") or die $!;
    print $file "$number\n";
    close $file or die $!;
  }
  my $status = $noted ? "200 OK" : "503 Service Unavailable";
  print $client "HTTP/1.1 $status\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  close $client;
}
"""
# Without IPVS, Docker finds a service by its name in this mode only.
BY_NAME = {"mode": "dnsrr"}
PASSWORD = "s3cret-database"
CACHE_PASSWORD = "s3cret-cache"
#: The kinds of services, and their lists in an environment.
KINDS = {"application": "applications", "postgres": "postgres", "redis": "redis", "compose": "compose"}


@dataclass(frozen=True)
class Images:
    """Those that Docker has or can pull."""

    postgres: str
    redis: str
    busybox: str


def host(project: str) -> str:
    return f"{project}.example.com"


def database(images: Images) -> dict[str, Any]:
    login = {"database": "shop", "user": "shop", "password": PASSWORD}
    return {"name": "db", "type": "postgres", "image": images.postgres, **login, "endpoint_spec": BY_NAME}


def application(project: str, images: Images) -> dict[str, Any]:
    # One Docker has it at both places of a move, so that a name of its own would be that of both.
    own = "{{ 'web:app_name' | community.dokploy.reference }}-orders"
    script = {"type": "file", "file_path": "orders.pl", "path": "/srv/orders.pl", "content": SCRIPT}
    return {
        "name": "web",
        "docker": {"image": images.postgres},
        "command": "perl /srv/orders.pl",
        "env": {"DATABASE": "{{ 'db:internal_url' | community.dokploy.reference }}"},
        "endpoint_spec": BY_NAME,
        "domains": [{"host": host(project), "port": 80}],
        "mounts": [{"type": "volume", "name": own, "path": "/data"}, script],
    }


def cache(images: Images) -> dict[str, Any]:
    # Dokploy's own command does not pass the signal on that lets Redis save.
    command = {"command": "/bin/sh", "args": ["-c", f"exec redis-server --requirepass {CACHE_PASSWORD}"]}
    login = {"password": CACHE_PASSWORD, **command}
    return {"name": "cache", "type": "redis", "image": images.redis, **login, "endpoint_spec": BY_NAME}


def stack(images: Images) -> dict[str, Any]:
    keeper = {"image": images.busybox, "command": ["sleep", "100000"], "volumes": ["files:/files"], "init": True}
    return {"name": "files", "raw": {"definition": {"services": {"keeper": keeper}, "volumes": {"files": {}}}}}


def destination(name: str, endpoint: str, bucket: str) -> dict[str, Any]:
    keys = {"access_key": "any", "secret_access_key": "s3cret-bucket"}
    return {"name": name, "provider": "Other", "bucket": bucket, "region": "us-east-1", "endpoint": endpoint, **keys}


def project(name: str, services: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "environments": [{"name": "production", **services}]}


def bring_up(name: str, bucket: tuple[str, str], services: dict[str, Any]) -> dict[str, Any]:
    """The task that makes the project run, and a destination of its name."""
    destinations = [destination(name, *bucket)]
    return task(
        "apply", "dokploy_manifest", destinations=destinations, projects=[project(name, services)], verify_period=1
    )


def everything(name: str, images: Images, bucket: tuple[str, str]) -> list[dict[str, Any]]:
    """The same with all that is here."""
    services = {
        "databases": [database(images), cache(images)],
        "applications": [application(name, images)],
        "compose": [stack(images)],
    }
    return [bring_up(name, bucket, services)]


# --- what writes, and what there is ---


@dataclass
class Writer:
    """Posts numbers to the application, one after the other, and keeps those that were acknowledged."""

    host: str
    traefik: str
    acknowledged: list[int] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        number = 0
        while not self.ended.is_set():
            number += 1
            if self._post(number):
                self.acknowledged.append(number)
            time.sleep(0.4)

    def _post(self, number: int) -> bool:
        try:
            answer = requests.post(f"http://{self.traefik}/{number}", headers={"Host": self.host}, timeout=15)
        except requests.RequestException:
            return False
        return answer.status_code == 200

    def wait_for_more(self, count: int = 5, seconds: float = 120) -> None:
        """Wait until so many more are acknowledged."""
        wanted, end = len(self.acknowledged) + count, time.monotonic() + seconds
        while len(self.acknowledged) < wanted:
            assert time.monotonic() < end, f"nothing is acknowledged at {self.host}"
            time.sleep(0.2)


@contextmanager
def writing(host: str, traefik: str) -> Iterator[Writer]:
    writer = Writer(host, traefik)
    thread = threading.Thread(target=writer.run)
    thread.start()
    try:
        yield writer
    finally:
        writer.ended.set()
        thread.join()


def docker(*words: str) -> str:
    ended = subprocess.run(["docker", *words], capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


def api(server: Server, procedure: str, **params: str) -> Any:
    """What a query answers."""
    headers = {"x-api-key": server.key}
    answer = requests.get(f"{server.url}/api/{procedure}", params=params, headers=headers, timeout=120)
    answer.raise_for_status()
    return answer.json()


def services(server: Server, environment: str = "production") -> list[dict[str, Any]]:
    """The rows of the services of the project; none without it."""
    ids = []
    for row in api(server, "project.all"):
        for place in row["environments"] if row["name"] == server.project else ():
            if place["name"] == environment:
                content = api(server, "environment.one", environmentId=place["environmentId"])
                ids += [(kind, entry[f"{kind}Id"]) for kind in KINDS for entry in content[KINDS[kind]]]
    return [api(server, f"{kind}.one", **{f"{kind}Id": identifier}) for kind, identifier in ids]


def app_names(server: Server, environment: str = "production") -> dict[str, str]:
    """The names in Docker of the services of the project, by their own ones."""
    return {row["name"]: row["appName"] for row in services(server, environment)}


def containers(app_name: str) -> list[str]:
    """The IDs of the containers of a service that run."""
    return docker("ps", "--quiet", "--filter", f"name=^{app_name}[.-]").split()


def only_container(app_name: str, seconds: float = 60) -> str:
    """The ID of the container of a service, once those before it have ended."""
    end = time.monotonic() + seconds
    while len(there := containers(app_name)) != 1:
        assert time.monotonic() < end, there
        time.sleep(1)
    return there[0]


def running(names: dict[str, str]) -> dict[str, list[str]]:
    """The IDs of the containers of each service."""
    return {name: containers(app_name) for name, app_name in names.items()}


def within(app_name: str, *words: str) -> str:
    """The output of a command in the container of a service."""
    return docker("exec", only_container(app_name), *words)


def require_once(acknowledged: list[int], names: dict[str, str]) -> None:
    """Each number that was acknowledged is in PostgreSQL and in the volume of the application, and none is twice."""
    rows = "select number from orders"
    texts = [within(names["db"], "psql", "-At", "-U", "shop", "-d", "shop", "-c", rows)]
    texts.append(within(names["web"], "cat", "/data/orders"))
    for text in texts:
        counts = Counter(map(int, text.split()))
        missing = [number for number in acknowledged if number not in counts]
        assert (missing, [number for number, count in counts.items() if count > 1]) == ([], [])


def fill(names: dict[str, str], what: str) -> None:
    """Write a file of the stack and a key of the cache that have this name, each with a content of its own."""
    script = f"head -c 300000 /dev/urandom > /files/{what}; sync"
    within(names["files"], "sh", "-c", script)
    redis = ["redis-cli", "--no-auth-warning", "-a", CACHE_PASSWORD]
    within(names["cache"], *redis, "set", what, f"value of {what}")
    within(names["cache"], *redis, "save")


def state(names: dict[str, str]) -> tuple[str, str]:
    """The hashes of the files of the stack, and what the cache has."""
    files = within(names["files"], "sh", "-c", "cd /files && sha256sum *")
    redis = f"redis-cli --no-auth-warning -a {CACHE_PASSWORD}"
    keys = f"for key in $({redis} keys '*' | sort); do echo $key=$({redis} get $key); done"
    return files, within(names["cache"], "sh", "-c", keys)
