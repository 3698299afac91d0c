# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logs print what the server knows of an application, line by line; what is shown of them does not."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.support.operations import OPERATIONS
from tests.system.secrets.canaries import MARKER_WORD, Canaries, hits, leaks
from tests.system.secrets.captured_runs import HOSTS, run
from tests.system.secrets.conftest import CanaryServer

MARKER = Canaries(MARKER_WORD).rich("marker")
FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "in a command": lambda text: f"RUN export TOKEN='{text}' && echo \"{text}\"",
    "json": json.dumps,
    "address": lambda text: f"of https://u:{quote(text, safe='')}@r.example.com/{quote(text)}?token={quote(text)}",
    "upper case": str.upper,
    "base64": lambda text: base64.b64encode(f"user:{text}".encode()).decode(),
    "colours": lambda text: f"\x1b[31m{text[:8]}\x1b[0m{text[8:]}",
    "a time": lambda text: f"2026-11-24T13:45:12.123456789Z     {text}",
    "the end of a line": lambda text: f"10%\r{text}",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("result", ["error", "done"])
def test_no_log_is_told_with_secrets(server: CanaryServer, form: str, result: str) -> None:
    found, told = [], ""
    for host in HOSTS:
        before = set(server.canaries.made)
        server.patch(server.build())
        mine = [text for text, what in server.canaries.made.items() if text not in before and what != "the key"]
        lines = [FORMS[form](text) for text in [*map(restored, mine), MARKER]]
        server.sim.config(builds=[{"image": "nginx", "log": lines, "result": result, "seconds": 0.05}])
        options = {"project": "shop", "environment": "production", "application": "web", "verify": False}
        said = run(host, OPERATIONS["dokploy_deployment"], {**server.connection, **options, "follow": host == "action"})
        assert said.failed is (result == "error"), said.result
        info = run(host, OPERATIONS["dokploy_deployment_info"], {**server.connection, **LISTED})
        for name, text in [*said.texts.items(), *info.texts.items()]:
            found += leaks([(f"{host} {form} {name}", text)])
            told += text
    assert found == []
    assert hits(told, MARKER_WORD), form


@pytest.mark.parametrize("form", FORMS)
def test_what_containers_print_is_told_without_secrets(server: CanaryServer, form: str) -> None:
    before = set(server.canaries.made)
    server.patch(server.build())
    deploy = {"project": "shop", "environment": "production", "application": "web", "verify": False}
    run("action", OPERATIONS["dokploy_deployment"], {**server.connection, **deploy})
    mine = [text for text, what in server.canaries.made.items() if text not in before and what != "the key"]
    server.sim.act(say="web", lines=[FORMS[form](text) for text in [*map(restored, mine), MARKER]])
    found, told = [], ""
    for host in HOSTS:
        web = {"project": "shop", "application": "web", "follow": host == "action", "wait_timeout": 0}
        said = run(host, OPERATIONS["dokploy_logs_info"], {**server.connection, **web})
        assert not said.failed, said.result
        found += leaks((f"{host} {form} followed {name}", text) for name, text in said.texts.items())
        look = {"project": "shop", "environment": "production", "name": "web", "include": ["logs"], "log_lines": 100}
        said = run(host, OPERATIONS["dokploy_application_info"], {**server.connection, **look})
        assert not said.failed, said.result
        found += leaks((f"{host} {form} {name}", text) for name, text in said.texts.items())
        told += "".join(said.texts.values())
    assert found == []
    assert hits(told, MARKER_WORD), form


LISTED = {"project": "shop", "environment": "production", "application": "web", "log_lines": 50}


def restored(text: str) -> str:
    """A canary as it was made, from its small letters."""
    return re.sub("(?i)zq7canary", "Zq7Canary", text)
