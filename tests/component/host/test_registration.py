# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Ansible gets to know as secrets: what is one by itself, and nothing that has common words in it.

From ansible-core 2.22 on it redacts these values wherever they occur. What a release of ansible-core registers, here is
collected, so that the tests are the same with each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator

from ansible_collections.community.dokploy.plugins.module_utils._host import registration
from ansible_collections.community.dokploy.plugins.module_utils._manifest.sections import Section, all_sections
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import (
    Spec,
    is_secret_by_itself,
    never_shown,
    secrets_by_themselves,
    validation_spec,
)
from dokploy_simulator import Simulator
from tests.support.action_and_module import as_module, in_process
from tests.support.operations import OPERATIONS

HOSTS = {"in process": in_process, "as a module": as_module}
# The options that are secrets by themselves, by their last names: who adds one decides whether Ansible may redact it.
SECRETS = {
    *("password", "root_password", "app_password", "private_key", "webhook_url", "webhook_token", "endpoint"),
    *("dokploy_api_key", "api_key", "user_key", "access_key", "access_key_id", "secret_access_key", "secret_key"),
    *("api_token", "app_token", "access_token", "bot_token", "refresh_token", "service_token", "token"),
    *("secret", "client_secret", "secret_api_key", "application_key", "application_secret", "consumer_key"),
}
TEXTS = {"env", "build_args", "build_secrets", "content", "base64", "headers", "input"}
TRAEFIK = {"config", "environment", "middlewares"}


def options(spec: Spec) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, option in spec.items():
        yield name, option
        yield from options(option.get("options") or {})


def test_each_hidden_option_is_a_secret_or_a_text_with_secrets() -> None:
    hidden = [
        pair for operation in OPERATIONS.values() for pair in options(operation.whole_spec) if pair[1].get("no_log")
    ]
    assert {name for name, option in hidden if is_secret_by_itself(option)} == SECRETS
    assert {name for name, option in hidden if not is_secret_by_itself(option)} == TEXTS | TRAEFIK


@pytest.mark.parametrize("module", OPERATIONS)
def test_validators_get_words_of_ansible_only(module: str) -> None:
    operation = OPERATIONS[module]
    validated = dict(options(operation.validation_spec))
    assert validated.keys() == dict(options(operation.argument_spec)).keys()
    for name, option in options(operation.validation_spec):
        assert "contents" not in option
        assert bool(option.get("no_log")) is (bool(option.get("no_log")) and name in SECRETS), name
        # Ansible warns of an option with the name of a password that does not say whether it is one.
        assert "no_log" in option or "password" not in name, name


def test_a_validator_knows_the_secrets_of_an_application() -> None:
    spec = OPERATIONS["dokploy_application"].validation_spec
    stated = {
        "dokploy_url": "https://dokploy.example.com",
        "dokploy_api_key": "the-key-of-the-test",
        "docker": {"image": "nginx", "password": "of-the-registry"},
        "env": {"NODE_ENV": "production", "PORT": "8080"},
        "build_secrets": "TOKEN=abc",
        "basic_auth": [{"username": "u", "password": "of-the-login"}],
        "mounts": [{"path": "/f", "type": "file", "file_path": "f", "content": "TZ=UTC"}],
    }
    found = ModuleArgumentSpecValidator(spec).validate(stated)
    assert not found.error_messages
    assert found._no_log_values == {"the-key-of-the-test", "of-the-registry", "of-the-login"}


NESTED = {
    "name": {"type": "str"},
    "key": {"type": "str", "no_log": True, "aliases": ["api_key"]},
    "text": {"type": "str", "no_log": True, "contents": True},
    "env": {"type": "raw", "no_log": True},
    "items": {"type": "list", "elements": "dict", "options": {"password": {"no_log": True}, "user": {"type": "str"}}},
}


def test_secrets_by_themselves_are_found_at_any_depth() -> None:
    stated = {"name": "n", "api_key": "a", "text": "t", "env": {"A": "e"}, "items": [{"password": "p", "user": "u"}]}
    assert set(secrets_by_themselves(NESTED, stated)) == {"a", "p"}
    # Another form is refused by others.
    assert not set(secrets_by_themselves(NESTED, {"key": ["a"], "items": ["b", None, {"password": 1}]}))
    assert not set(secrets_by_themselves(NESTED, "text"))
    assert validation_spec(NESTED)["items"]["options"]["password"] == {"no_log": True}
    assert validation_spec(NESTED)["text"] == {"type": "str", "no_log": False}


@pytest.mark.parametrize(
    ("stated", "hidden"),
    [
        ({}, set()),
        ({"key": "of-eight-letters"}, {"of-eight-letters"}),
        ({"key": "short"}, set()),
        ({"key": "development"}, set()),
        ({"key": "of-eight-letters", "include_secrets": True}, set()),
        ({"key": "of-eight-letters", "name": "of-eight-letters"}, set()),
        ({"items": [{"password": "of-eight-letters", "user": "of-eight-letters"}]}, set()),
        ({"env": {"A": "of-eight-letters"}, "text": "of-eight-letters"}, set()),
    ],
)
def test_what_no_result_shows(stated: dict[str, Any], hidden: set[str]) -> None:
    assert never_shown(NESTED, stated) == hidden
    key = {"dokploy_api_key": " the-key-of-the-test\n"}
    assert never_shown(NESTED, {**stated, **key}) == {*hidden, "the-key-of-the-test"}


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    values: list[str] = []
    monkeypatch.setattr(registration, "register_secrets", values.extend)
    return values


@pytest.mark.parametrize("host", HOSTS)
def test_what_results_reveal_is_registered(sim: Simulator, host: str, registered: list[str]) -> None:
    connection = {"dokploy_url": sim.url, "dokploy_api_key": sim.key}

    def perform(module: str, **stated: Any) -> dict[str, Any]:
        result = HOSTS[host](OPERATIONS[f"dokploy_{module}"], {**connection, **stated})
        assert not result.get("failed"), result
        return result

    perform("project", name="shop")
    stated = {
        "project": "shop",
        "name": "db",
        "type": "postgres",
        "database": "shop",
        "user": "shop",
        "env": {"TZ": "Europe/Vienna"},
    }
    perform("database", **stated)
    web = perform("application", project="shop", name="web", env={"NODE_ENV": "production-like"})["application"]
    assert registered == []
    password = perform("database", **stated, include_secrets=True)["database"]["password"]
    # Alone, and in the two URLs of the database.
    assert len(password) > 8 and set(registered) == {password}
    registered.clear()
    perform("application_info", project="shop", include_secrets=True)
    assert "production-like" not in registered and len(registered) == 1
    registered.clear()
    created = perform("api_key", name="ci", include_secrets=True)
    assert registered == [created["api_key"]["key"]]
    registered.clear()
    told = perform(
        "api", procedure="application.one", input={"applicationId": web["application_id"]}, include_secrets=True
    )
    assert told["response"]["env"] == "NODE_ENV=production-like"
    assert registered == [told["response"]["refreshToken"]]
    registered.clear()
    rotated = perform(
        "application_action", project="shop", application="web", action="refresh_token", include_secrets=True
    )
    assert registered == [rotated["webhook"]["token"]]


@pytest.mark.parametrize("host", HOSTS)
def test_the_names_in_a_diff_are_not_registered(host: str, registered: list[str]) -> None:
    account = {"email": "ops@example.com", "password": "S3cret-of-ops"}
    stated = {**account, "api_key_name": "deployment", "include_secrets": True}
    with Simulator(fresh=True) as sim:
        result = HOSTS[host](OPERATIONS["dokploy_bootstrap"], {"dokploy_url": sim.url, **stated})
    assert result["diff"]["after"]["api_key"] == "deployment"
    assert registered == [result["api_key"]]


@pytest.mark.parametrize("host", HOSTS)
def test_a_prediction_reveals_nothing(sim: Simulator, host: str, registered: list[str]) -> None:
    connection = {"dokploy_url": sim.url, "dokploy_api_key": sim.key}
    in_process(OPERATIONS["dokploy_project"], {**connection, "name": "shop"})
    stated = {"project": "shop", "name": "db", "type": "redis", "include_secrets": True}
    result = HOSTS[host](OPERATIONS["dokploy_database"], {**connection, **stated}, check=True)
    assert result["changed"] and registered == []


@pytest.mark.parametrize("host", HOSTS)
def test_the_secrets_of_a_document_are_registered(sim: Simulator, host: str, registered: list[str]) -> None:
    document = {
        "registries": [{"name": "acme", "url": "r.example.com", "username": "u", "password": "of-the-registry"}],
        "projects": [{"name": "shop", "env": {"TZ": "Europe/Vienna"}}],
    }
    stated = {"dokploy_url": sim.url, "dokploy_api_key": sim.key, **document}
    assert HOSTS[host](OPERATIONS["dokploy_manifest"], stated, check=True)["changed"]
    assert registered == ["of-the-registry"]


@pytest.mark.parametrize("section", list(all_sections()), ids=lambda section: section.name)
def test_a_validator_of_entries_registers_nothing(section: Section) -> None:
    """An export plans the document that it has written, with the secrets of the server, of any length."""
    for _name, option in options(section.validator.argument_spec):
        assert "contents" not in option and not option.get("no_log")
