# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Short secrets and common words leave the output readable, and the same on both hosts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.operations import OPERATIONS
from tests.system.secrets.canary_options import BASE
from tests.system.secrets.captured_runs import HOSTS, run
from tests.system.secrets.conftest import CanaryServer
from tools.integration.comparison import VOLATILE

STARS = "***"
SHORT = ["1", "a", "ok", "80", "on", "production", "true", "web", "shop", "8080", "nginx"]
# Of these no text is cleared; the others are words of four characters and more.
NEVER = [text for text in SHORT if text not in ("shop", "nginx")]


def options(secret: str) -> dict[str, Any]:
    """An application whose every secret is this one."""
    return {
        **BASE["dokploy_application"],
        "docker": {"image": "nginx", "username": "u", "password": secret},
        "env": {"A": secret, "B": secret},
        "build_args": f"A={secret}",
        "preview": {"env": {"A": secret}, "enabled": False},
        "basic_auth": [{"username": "u", "password": secret}],
        "mounts": [{"path": "/f", "type": "file", "file_path": "f", "content": secret}],
        "description": f"production, true, ok, a web shop with 1 nginx on port 8080 or 80: {secret}",
    }


def both(server: CanaryServer, params: dict[str, Any], fault: bool = False) -> list[dict[str, Any]]:
    """The results of both hosts, each on a server of its own, without what is new each time."""
    found = []
    for host in HOSTS:
        server.build()
        if fault:
            server.sim.fault("echo", "*.update*", body="plain", times=-1)
        result = run(host, OPERATIONS["dokploy_application"], {**server.connection, **params}).result
        result.pop("invocation", None)
        text = json.dumps(result, sort_keys=True)
        for pattern, name in VOLATILE:
            text = pattern.sub(name, text)
        found.append(json.loads(text))
    return found


@pytest.mark.parametrize("secret", SHORT)
def test_results_have_no_stars(server: CanaryServer, secret: str) -> None:
    one, other = both(server, options(secret))
    assert one == other
    assert not one.get("failed") and STARS not in json.dumps(one)
    assert one["application"]["description"].endswith(": " + secret)


@pytest.mark.parametrize("secret", SHORT)
def test_the_words_of_a_server_stay_readable(server: CanaryServer, secret: str) -> None:
    one, other = both(server, options(secret), fault=True)
    assert one["failed"] and other["failed"]
    for result in (one, other):
        assert "It failed with" in result["msg"]
        # Quoted are the key, the credentials of the registry, and texts of variables as a whole.
        allowed = 4 if secret in NEVER else 20
        assert 1 <= result["msg"].count("********") <= allowed, result["msg"]
        assert "application.update" in result["msg"] and "on port" in result["msg"]
        assert secret not in NEVER or f"80: {secret}" in result["msg"]


@pytest.mark.parametrize("secret", SHORT)
def test_a_refusal_stays_readable(server: CanaryServer, secret: str) -> None:
    wrong: list[dict[str, Any]] = [
        {"replicas": "many"},
        {"stat": "x"},
        {"state": "production"},
        {"ports": [{"published_port": "1"}, {"a": 1}]},
    ]
    for more in wrong:
        one, other = both(server, {**options(secret), **more})
        assert one["msg"] == other["msg"]
        assert STARS not in one["msg"] or secret not in NEVER, one["msg"]


@pytest.mark.parametrize("secret", ["abcd", "0000x", "hunter2", "s3cret", "correct horse"])
def test_what_is_long_enough_is_masked(server: CanaryServer, secret: str) -> None:
    """The rule has another side, too."""
    params = {**options("1"), "env": {"A": secret}}
    for result in both(server, params, fault=True):
        assert secret not in result["msg"] and result["msg"].count("********") > 1
