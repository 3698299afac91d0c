# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Warnings of what services of one server share: volumes, folders of the host, hosts and published ports."""

from __future__ import annotations

from typing import Any

import pytest

from tests.component.manifest.test_manifest import LOGIN, apply
from tests.support.host import Host

FILES = {"path": "/data", "type": "volume", "name": "shop-files"}
FOLDER = {"path": "/media", "type": "bind", "host_path": "/srv/media/"}
PORT = {"published_port": 8080, "target_port": 80}
STACK = """\
services:
  web:
    image: nginx
    ports: ["${PORT:-8080}:80", "127.0.0.1:9000-9001:90", "53:53/udp", {target: 70, published: 7000}]
    volumes: ["files:/data", "own:/own", "/srv/media:/media", "/var/run/docker.sock:/s", "/srv/read:/read:ro", ./x:/x]
volumes:
  files: {name: shop-files}
  own: {}
"""


def application(name: str, **options: Any) -> dict[str, Any]:
    return {"name": name, "docker": {"image": "nginx"}, **options}


def document(*applications: dict[str, Any], **services: Any) -> dict[str, Any]:
    environment = {"name": "production", "applications": list(applications), **services}
    return {"projects": [{"name": "shop", "environments": [environment]}]}


def warnings(host: Host, *applications: dict[str, Any], **services: Any) -> list[str]:
    said = apply(host, document(*applications, **services), deploy="never").get("warnings", [])
    return [text for text in said if "too." in text or "already has" in text]


def text(key: str, option: str, thing: str, other: str, effect: str) -> str:
    return f"{key}: {option}: the {thing} is that of {other}, too. {effect} If that is right, name it in shared."


WRITE = "Both write to it, which destroys the data of a database."


def test_two_entries_share(host: Host) -> None:
    web = application("web", mounts=[FILES, FOLDER], ports=[PORT])
    other = application("other", mounts=[{**FILES, "path": "/x"}, {**FOLDER, "host_path": "/srv/media"}], ports=[PORT])
    said = warnings(host, web, other)
    of = "application shop/production/web"
    assert said == [
        text("application shop/production/other", "mounts", "volume shop-files", of, WRITE),
        text("application shop/production/other", "mounts", "folder /srv/media", of, "Both may write to it."),
        text("application shop/production/other", "ports", "port 8080", of, "Only one of them can publish it."),
    ]
    # It is as dangerous in the next run.
    assert warnings(host, web, other) == said


def test_a_stack_shares(host: Host) -> None:
    web = application("web", mounts=[FILES, FOLDER], ports=[PORT, {"published_port": 9001, "target_port": 1}])
    dns = application(
        "dns", ports=[{"published_port": 53, "target_port": 53}, {"published_port": 7000, "target_port": 1}]
    )
    sock = application("sock", mounts=[{"path": "/s", "type": "bind", "host_path": "/var/run/docker.sock"}])
    read = application("read", mounts=[{"path": "/s", "type": "bind", "host_path": "/srv/read"}])
    said = warnings(host, web, dns, sock, read, compose=[{"name": "stack", "raw": {"content": STACK}}])
    assert sorted(line.split(": the ")[1].split(" is that")[0] for line in said) == [
        "folder /srv/media",
        "port 7000",
        "port 8080",
        "port 9001",
        "volume shop-files",
    ]
    assert all(line.startswith("compose shop/production/stack: raw: ") for line in said)


@pytest.mark.parametrize("shared", [["shop-files", "/srv/*", "8080", "shop.example.com"], ["*"]])
def test_what_is_said_to_be_shared(host: Host, shared: list[str]) -> None:
    options = {"mounts": [FILES, FOLDER], "ports": [PORT]}
    assert warnings(host, application("web", **options), application("other", shared=shared, **options)) == []
    # A second entry need not say it, and neither does what no entry names.
    assert warnings(host, application("web", shared=shared, **options), application("other", **options)) == []
    apply(
        host,
        {
            "projects": [
                {
                    "name": "away",
                    "environments": [
                        {
                            "name": "production",
                            "applications": [application("web", domains=[{"host": "shop.example.com"}])],
                        }
                    ],
                }
            ]
        },
        deploy="never",
    )
    new = application("new", shared=shared, domains=[{"host": "shop.example.com"}], **options)
    assert warnings(host, new) == []


def test_what_no_entry_names_shares(host: Host) -> None:
    database = {"name": "db", "type": "postgres", **LOGIN, "mounts": [{"path": "/b", "type": "volume", "name": "old"}]}
    apply(host, document(application("web", mounts=[FILES]), databases=[database]), deploy="never")
    staging = {
        "projects": [
            {
                "name": "staging",
                "environments": [
                    {
                        "name": "production",
                        "applications": [
                            application("web", mounts=[FILES, {"path": "/b", "type": "volume", "name": "old"}])
                        ],
                    }
                ],
            }
        ]
    }
    foretold = apply(host, staging, check=True, deploy="never")
    of = "in shop/production"
    key = "application staging/production/web"
    expected = [
        text(key, "mounts", "volume shop-files", f"application 'web' {of}", WRITE),
        text(key, "mounts", "volume old", f"database 'db' {of}", WRITE),
    ]
    assert foretold["warnings"] == expected
    assert apply(host, staging, deploy="never")["warnings"] == expected
    # Only who takes something looks at the others.
    assert "warnings" not in apply(host, staging, deploy="never")
    assert "postgres.one" not in host.sim.calls("query")


def test_what_is_removed_is_not_shared(host: Host) -> None:
    apply(host, document(application("web", mounts=[FILES]), application("old", mounts=[FOLDER])), deploy="never")
    new = application("new", mounts=[FILES, FOLDER])
    gone = {"name": "web", "state": "absent"}
    said = apply(host, document(gone, new), deploy="never", prune=["application"], prune_limit="10")
    assert "warnings" not in said


def test_how_many_requests_that_takes(host: Host) -> None:
    others = [application(f"a{number}") for number in range(30)]
    apply(host, document(*others), deploy="never")
    plain = {
        "projects": [{"name": "new", "environments": [{"name": "production", "applications": [application("web")]}]}]
    }
    taking = {
        "projects": [
            {
                "name": "newer",
                "environments": [{"name": "production", "applications": [application("web", mounts=[FILES])]}],
            }
        ]
    }

    def requests(content: dict[str, Any]) -> int:
        apply(host, content, check=True, deploy="never")
        return int(host.sim.stats()["http"])

    assert requests(taking) == requests(plain) + 1
