# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a server quotes of a request, and in whichever form, no host shows it.

Every operation with all its secrets, on both hosts, against each layout of ``echo_responses.py`` of the simulator."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from urllib.parse import quote

import pytest

from dokploy_simulator.http.echo_responses import LAYOUTS
from tests.system.secrets.canaries import MARKER_WORD, Canaries, hits, leaks
from tests.system.secrets.canary_options import MODULES, cases
from tests.system.secrets.captured_runs import HOSTS, run
from tests.system.secrets.conftest import CanaryServer

# The server quotes it as well, before the rest, and no one has called it a secret.
MARKER = Canaries(MARKER_WORD).rich("marker")
# The layouts that give away nothing at all: what they quote is cut off, or not words of Dokploy's.
SILENT = {
    *("sql", "sql of older servers", "keys", "headers", "text with success", "cut", "another code", "redirect"),
    *("a remote", "build arguments", "base64 of user:password", "fields"),
    # What is to be absent may be so.
    "not found",
}
WRITES = ("*.create", "*.update*", "*.deploy", "*.refreshToken")
# What is read before a write; of the request there is only the key to be quoted.
READS = ("*",)
# Without the start page, whose answer is waited for.
SIGNING_IN = ("/api/*",)


def strike(server: CanaryServer, patterns: tuple[str, ...], layout: str, after: bool = False) -> None:
    for pattern in patterns:
        server.sim.fault("echo", pattern, body=layout, first=MARKER, times=-1, after=after)


@pytest.mark.parametrize("module", MODULES)
def test_no_echo_is_shown(server: CanaryServer, module: str, count: Callable[..., None]) -> None:
    before = len(server.canaries.made)
    server.build()
    found: list[str] = []
    runs, texts, told, shown = 0, 0, set(), set()
    every = list(cases(server.canaries, server.folder, (module,)))
    for case in every:
        for number, layout in enumerate(LAYOUTS):
            for patterns in (WRITES, SIGNING_IN if module == "dokploy_bootstrap" else READS):
                # In process always; as a module every third time, since what differs is not what the server says.
                for host in HOSTS if (number + runs) % 3 == 0 else HOSTS[:1]:
                    server.sim.reset(state=False, stats=False)
                    strike(server, patterns, layout)
                    said = run(host, case.operation, {**server.connection, **case.options})
                    runs, texts = runs + 1, texts + len(said.texts)
                    found += leaks((f"{case.name} {host} {layout} {name}", text) for name, text in said.texts.items())
                    if hits(said.texts["result"], MARKER_WORD):
                        told.add(layout)
                    shown |= {form for form, text in FORMS.items() if text in said.result.get("msg", "")}
    count(runs=runs, leaks=len(found), texts=texts, canaries=len(server.canaries.made) - before)
    assert found == []
    # The search would have found them: what is no secret is there, and in every form.
    assert told >= set(LAYOUTS) - SILENT, set(LAYOUTS) - told
    assert shown == set(FORMS)


FORMS = {
    "plain": MARKER,
    "json": json.dumps(MARKER)[1:-1],
    "address": quote(MARKER, safe=""),
    "base64": b64encode(MARKER.encode()).decode(),
}


def test_an_effect_with_an_echo_is_shown_no_more(server: CanaryServer) -> None:
    """The write was done, and the answer to it quotes it."""
    found = []
    for module in MODULES:
        for case in cases(server.canaries, server.folder, (module,)):
            server.build()
            strike(server, WRITES, "plain", after=True)
            said = run("action", case.operation, {**server.connection, **case.options})
            found += leaks((f"{case.name} {name}", text) for name, text in said.texts.items())
    assert found == []
