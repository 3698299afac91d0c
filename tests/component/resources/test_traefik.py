# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Traefik configurations: checked, compared, written, shown without secrets."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.traefik_config import (
    OPERATION,
    text_of_config,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.instance.traefik_masking import masked_config
from ansible_collections.community.dokploy.plugins.module_utils._values import yaml_text
from tests.support.host import Host

WEB: dict[str, Any] = {"project": "shop", "environment": "production", "application": "web"}
CONTENT = {"http": {"routers": {"web": {"rule": "Host(`a.example.com`)", "service": "web"}}, "services": {"web": {}}}}
TEXT = """\
# made by hand
http:
  services: {web: {}}
  routers:
    web: {service: web, rule: 'Host(`a.example.com`)'}
"""


def web(host: Host) -> str:
    made = host.sim.seed(project="shop", applications=1, name="web")
    host.new_task()
    host.sim.reset_stats()
    return str(made["applicationIds"][0])


def stored(host: Host, resource_id: str) -> Any:
    return host.read("application.readTraefikConfig", applicationId=resource_id)


@pytest.mark.parametrize("first", [CONTENT, TEXT])
def test_a_mapping_and_its_text_are_the_same_configuration(host: Host, first: Any) -> None:
    resource_id = web(host)
    predicted = host.ok(OPERATION, check=True, **WEB, content=first)
    assert stored(host, resource_id) is None
    written = host.ok(OPERATION, **WEB, content=first)
    assert predicted == written
    assert written["changed"] is True
    assert written["diff"]["before"] == ""
    assert yaml.safe_load(written["diff"]["after"]) == CONTENT
    assert yaml.safe_load(stored(host, resource_id)) == CONTENT
    host.sim.reset_stats()
    for again in (CONTENT, TEXT):
        result = host.ok(OPERATION, **WEB, content=again)
        assert result["changed"] is False
        assert result["diff"]["before"] == result["diff"]["after"] == written["traefik_config"]
    assert host.sim.calls("mutation") == []


def test_an_unchanged_file_takes_two_requests(host: Host) -> None:
    web(host)
    host.ok(OPERATION, **WEB, content=CONTENT)
    host.new_task()
    host.sim.reset_stats()
    host.ok(OPERATION, **WEB, content=CONTENT)
    assert host.sim.calls() == ["project.all", "application.readTraefikConfig"]


def test_a_text_is_written_unchanged(host: Host) -> None:
    resource_id = web(host)
    host.ok(OPERATION, **WEB, content=TEXT.rstrip("\n"))
    assert stored(host, resource_id) == TEXT


def test_an_invalid_file_is_replaced(host: Host) -> None:
    resource_id = web(host)
    host.call("application.updateTraefikConfig", applicationId=resource_id, traefikConfig="http: [")
    assert host.ok(OPERATION, **WEB, content=CONTENT)["changed"] is True
    assert yaml.safe_load(stored(host, resource_id)) == CONTENT


def test_a_file_that_the_server_could_not_write(host: Host) -> None:
    """The server answers true."""
    web(host)
    host.sim.fault("status", "application.updateTraefikConfig", status=200, body=True)
    result = host.failed(OPERATION, **WEB, content=CONTENT)
    assert result["error"]["kind"] == "not_applied"
    assert result["changed"] is True


def test_a_missing_application(host: Host) -> None:
    web(host)
    missing = {**WEB, "application": "wed", "content": CONTENT}
    assert "web" in host.failed(OPERATION, **missing)["msg"]
    predicted = host.ok(OPERATION, check=True, **missing)
    assert predicted["changed"] is True
    assert predicted["application_id"] == "(generated)"
    assert predicted["warnings"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a: [", "not valid YAML"),
        ("a: b: c", "not valid YAML"),
        ("a: !!python/object/apply:os.system [ls]", "not valid YAML"),
        ("a: !secret b", "not valid YAML"),
        ("a: 2026-13-45", "not valid YAML"),
        ("a: 1\n---\nb: 2", "2 YAML documents"),
        ("- a", "must be a mapping such as {http: ...}, not a list"),
        ("just words", "not text"),
        ("", "not empty"),
        ("# nothing", "not empty"),
        ("http: {}\nhttp: {}", "'http' twice"),
        ("http:\n  routers: {a: {}, 'a': {}}", "'a' twice"),
        ("http:\n  routers: {}\n  services: {}\n", "http.routers is empty or not a mapping. Traefik refuses"),
        ("http:\n  routers: {a: {}}\n  services: {}\n", "http.services is empty"),
        ("http:\n  routers:\n", "http is empty"),
        ({"http": {}}, "http is empty"),
        ({"tcp": []}, "tcp is empty"),
        ({"tls": {"stores": {}}}, "tls.stores is empty"),
        (["a"], "not a list"),
        (5, "not a number"),
        ({"a": {1: object()}}, "cannot be written as YAML"),
        ({"a": float("nan")}, "cannot be written as YAML"),
        ({"http": {"users": ["me:********"]}}, "in place of a secret"),
        ("users: ['me:********']", "in place of a secret"),
    ],
)
def test_content_that_traefik_refuses_is_refused(content: Any, words: str) -> None:
    with pytest.raises(OptionError) as caught:
        text_of_config(content)
    assert re.match("content[ :]", caught.value.message)
    assert words in str(caught.value)


def test_a_section_that_traefik_ignores(host: Host) -> None:
    web(host)
    warned = host.ok(OPERATION, **WEB, content={**CONTENT, "routers": {}})["warnings"]
    assert warned == ["content: Traefik ignores the key 'routers', since it knows only http, tcp, udp, tls."]


def test_the_refusal_comes_before_any_request(host: Host) -> None:
    web(host)
    result = host.failed(OPERATION, **WEB, content="a: [")
    assert result["error"]["kind"] == "option"
    assert host.sim.calls() == []


@pytest.mark.parametrize("content", [{}, "{}", "a: &x {b: 1}\nc: *x", "a: &x {b: 1}\nc: {<<: *x, d: 1}"])
def test_content_that_traefik_accepts_is_accepted(content: Any) -> None:
    assert isinstance(yaml.safe_load(text_of_config(content)), dict)


def test_pyyaml_is_required(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    web(host)
    monkeypatch.setattr(yaml_text, "HAS_YAML", False)
    result = host.failed(OPERATION, **WEB, content=CONTENT)
    assert result["error"]["kind"] == "configuration"
    assert "PyYAML is missing" in result["msg"]
    assert host.sim.calls() == []


# --- what is shown ---------------------------------------------------------------------------------------------------

BCRYPT = "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"


@pytest.mark.parametrize(
    "secret",
    [BCRYPT, "$apr1$H6uskkkW$IgXLP6ewTrSuBkTrqE8wj/", "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "$5$salt$abc", "$6$s$abc"],
)
@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_hashes_are_masked_at_any_place(secret: str, quote: str) -> None:
    for text in (
        f"users:\n  - {quote}me:{secret}{quote}\n",
        f"users: [{quote}me:{secret}{quote}, {quote}b:c{quote}]\n",
    ):
        shown = masked_config(text)
        assert secret not in shown
        assert shown == text.replace(secret, "********")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Authorization: Basic abc\n", "Authorization: ********\n"),
        ("- me:realm:a2688e031edb4be6a3797f3882655c05\n", "- me:realm:********\n"),
        ('  "X-Api-Key": "hunter 2"\n', '  "X-Api-Key": ********\n'),
        ("{X-Auth-Token: hunter2, b: 1}", "{X-Auth-Token: ********, b: 1}"),
        ("url: https://me:hunter2@auth.example.com/x\n", "url: https://********@auth.example.com/x\n"),
        ("passHostHeader: true\n", "passHostHeader: true\n"),
        ("rule: Host(`a.example.com`)\n", "rule: Host(`a.example.com`)\n"),
        ("secrets:\n  - a\n", "secrets:\n  - ********\n"),
        ("password: |\n  one\n  two\nb: 1\n", "password: ********\nb: 1\n"),
        ("password:\n  one\nb: 1\n", "password:\n  ********\nb: 1\n"),
    ],
)
def test_values_of_secret_keys_are_masked(text: str, shown: str) -> None:
    assert masked_config(text) == shown


def users(*entries: str) -> dict[str, Any]:
    return {"http": {"middlewares": {"login": {"basicAuth": {"users": list(entries)}}}}}


def test_a_changed_password_is_reported_without_its_value(host: Host) -> None:
    web(host)
    old, new = f"me:{BCRYPT}", f"me:{BCRYPT[:-1]}z"
    first = host.ok(OPERATION, **WEB, content=users(old, "you:$apr1$a$b"))
    result = host.ok(OPERATION, **WEB, content=users(new, "you:$apr1$a$b"))
    assert result["changed"] is True
    assert "- me:******** (old)" in result["diff"]["before"]
    assert "- me:******** (new)" in result["diff"]["after"]
    assert "- you:********\n" in result["diff"]["after"]
    assert "$" not in repr([first, result])


def test_the_option_is_no_log() -> None:
    assert OPERATION.argument_spec["content"]["no_log"] is True
