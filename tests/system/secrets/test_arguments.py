# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Arguments that are not what they should be: a refusal quotes no secret, and neither does the record of them.

A secret option that is given something else than text, what it is part of in a wrong form, a misspelt option beside it,
and every other option with something wrong while the secrets are right.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.operations import OPERATIONS
from tests.system.secrets.canaries import leaks
from tests.system.secrets.canary_options import FILES, MODULES, Case, OptionPath, cases, kind_of, secret_paths, walk
from tests.system.secrets.captured_runs import HOSTS, CapturedRun, run
from tests.system.secrets.conftest import CanaryServer

WITH_SECRETS = [module for module in MODULES if secret_paths(OPERATIONS[module])]
# Names of variables and columns are shown. A path is no secret, only what is in the file.
LEFT_OUT = {
    "raw": ("nothing but it in a mapping",),
    "path": ("a number", "a float"),
    "dict": ("nothing but it in a mapping",),
}
# The path of a file that must not exist, and which the module creates.
CREATED = "secrets_file"
# A number has no word to be found by.
NUMBER = 730194826351794


def forms(secret: str) -> Iterator[tuple[str, Any]]:
    yield "a number", NUMBER
    yield "a float", NUMBER / 1000
    yield "a boolean", True
    yield "a list", [secret]
    yield "a list of lists", [[secret], {"a": secret}]
    yield "a mapping", {"value": secret}
    yield "a deep mapping", {"a": {"b": [{"c": secret}]}}
    yield "a megabyte", secret + "x" * 1_000_000
    yield "a megabyte of lines", f"{secret}\n" * 40_000
    yield "lines", f"first\n{secret}\nlast\n"
    yield "other scripts", f"пароль-{secret}-密码-🔑"
    yield "braces", "{%% {{ '%s' }} %%}" % secret
    yield "JSON", '{"a": "%s"}' % secret
    yield "a line without =", f"KEY {secret}"
    yield "an open quote", f"KEY='{secret}"
    yield "NUL", f"{secret}\0"
    yield "half a letter", f"{secret}\udc80"
    yield "nothing but it in a mapping", {secret: None}


def put(options: dict[str, Any], path: OptionPath, value: Any) -> dict[str, Any]:
    """The options with another value at a path, in the first item of lists."""
    made = copy.deepcopy(options)
    inner: Any = made
    for step in path[:-1]:
        inner = inner.setdefault(step, {})
        inner = inner[0] if isinstance(inner, list) else inner
    inner[path[-1]] = value
    return made


def tried(server: CanaryServer, name: str, case: Case, options: dict[str, Any]) -> list[str]:
    """The leaks of both hosts, which must say the same."""
    said: dict[str, CapturedRun] = {}
    found = []
    for host in HOSTS:
        said[host] = run(host, case.operation, {**server.connection, **options})
        found += leaks((f"{case.name} {name} {host} {where}", text) for where, text in said[host].texts.items())
        number = str(NUMBER)
        found += [f"{name} {host} {where}" for where, text in said[host].texts.items() if number[:12] in text]
    # The action looks for files before either host runs, which the module here does not have in front of it.
    here, relative = f"{Path.cwd()}/", "; with delegate_to: localhost it is a file of the controller"
    messages = [str(one.result.get("msg")).replace(here, "").replace(relative, "") for one in said.values()]
    # What the server quotes comes in the order of the request, and Ansible itself breaks on some values.
    if "It failed with" not in messages[0] and "broken" not in messages:
        assert messages[0] == messages[1], (name, messages)
    return found


@pytest.fixture(scope="module", autouse=True)
def refuses(server: CanaryServer) -> None:
    """Whatever arrives at the server is quoted and has no effect."""
    server.build()
    for pattern in ("*.create", "*.update*", "*.deploy"):
        server.sim.fault("echo", pattern, body="plain", times=-1)


@pytest.mark.parametrize("module", WITH_SECRETS)
def test_a_secret_in_another_form(server: CanaryServer, module: str, count: Callable[..., None]) -> None:
    found, tries = [], 0
    for case in cases(server.canaries, server.folder, (module,)):
        for path in secret_paths(case.operation):
            if (case.operation.name, path) in FILES:
                # The name of a file is no secret.
                continue
            for name, value in forms(server.canaries.plain(f"{module} {path}")):
                if "megabyte" in name and path != secret_paths(case.operation)[0]:
                    continue
                if name in LEFT_OUT.get(kind_of(case.operation, path), ()):
                    continue
                tries += 1
                found += tried(server, f"{'.'.join(path)} as {name}", case, put(case.options, path, value))
    count(runs=2 * tries, leaks=len(found))
    assert found == []


@pytest.mark.parametrize("module", WITH_SECRETS)
def test_what_should_hold_suboptions_holds_something_else(
    server: CanaryServer, module: str, count: Callable[..., None]
) -> None:
    found, tries = [], 0
    for case in cases(server.canaries, server.folder, (module,)):
        for path, described in walk(case.operation.options):
            if not described.get("options"):
                continue
            secret = server.canaries.plain(f"{module} {path}")
            for name, value in (
                ("text", secret),
                ("pairs", f"image=nginx password={secret}"),
                ("pairs of a list", [f"username=u password={secret}"]),
                ("texts", [secret]),
                ("lists", [[secret]]),
                ("a mapping of mappings", {"first": {"password": secret}}),
                ("a mapping for a list", {"password": secret, "username": 5}),
                ("a misspelt option", {"pasword": secret, "image": "nginx"}),
                ("misspelt options", [{"pasword": secret, "username": "u"}]),
                ("JSON", '{"password": "%s"' % secret),
                ("a number", NUMBER),
                ("numbers", [NUMBER]),
            ):
                tries += 1
                found += tried(server, f"{'.'.join(path)} as {name}", case, put(case.options, path, value))
    count(runs=2 * tries, leaks=len(found))
    assert found == []


@pytest.mark.parametrize("module", MODULES)
def test_a_misspelt_option(server: CanaryServer, module: str) -> None:
    found = []
    for case in cases(server.canaries, server.folder, (module,)):
        for name in ("dokploy_api_kye", "pasword", "enviroment"):
            secret = server.canaries.plain(f"{module} {name}")
            for value in (secret, [secret], {"a": secret}):
                found += tried(server, name, case, {**case.options, name: value})
    assert found == []


@pytest.mark.parametrize("module", MODULES)
def test_everything_else_is_wrong(server: CanaryServer, module: str, count: Callable[..., None]) -> None:
    """One option after the other, beside all the secrets."""
    found, tries = [], 0
    case = next(cases(server.canaries, server.folder, (module,)))
    for path, described in walk(case.operation.argument_spec):
        if described.get("no_log") or path[-1] in ("dokploy_url", CREATED):
            continue
        # The last one is a secret in a place where no one expects one.
        known = [server.connection["dokploy_api_key"]] if "dokploy_api_key" in case.operation.argument_spec else []
        for value in ({"not": "it"}, "not it", -1.5, *known):
            tries += 1
            found += tried(server, f"{'.'.join(path)} as {value}", case, put(case.options, path, value))
    count(runs=2 * tries, leaks=len(found))
    assert found == []


ADDRESSES = (
    "https://{}@h/",
    "HTTPS://{}@h",
    "HTTPS://u:{}@h",
    "http://:{}@h",
    "{}",
    "ftp://u:{}@h",
    "http://h/?token={}",
)


@pytest.mark.parametrize("url", ADDRESSES)
def test_an_address_with_the_key_in_it(server: CanaryServer, url: str) -> None:
    found = []
    for module in MODULES:
        for case in cases(server.canaries, server.folder, (module,)):
            address = url.format(server.canaries.plain("address"))
            if address.startswith("Zq7"):
                if "dokploy_api_key" not in case.operation.argument_spec:
                    # Nothing says that it is a secret.
                    continue
                address = server.connection["dokploy_api_key"]
            found += tried(server, url, case, {**case.options, "dokploy_url": address})
    assert found == []
