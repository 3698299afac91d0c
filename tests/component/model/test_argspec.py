# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument specs, and what of the arguments is secret."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import (
    CONNECTION,
    NO_LOG,
    client_config,
    redacted,
    resource_spec,
    secrets_in,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    APPLICATION,
    OPERATION,
)
from tests.support.host import validated

KEY = "the-api-key-of-the-task"
SECRET_PARAMS: dict[str, Any] = {
    "dokploy_url": "https://d.example.com",
    "dokploy_api_key": KEY,
    "name": "web",
    "env": {"A": "env-secret", "SHORT": "abc", "N": 12345, "FLAG": True, "NONE": None},
    "build_args": "B='args-secret'\n# a comment",
    "docker": {"image": "nginx", "password": "docker-secret"},
    "mounts": [
        {"path": "/f", "type": "file", "file_path": "f", "content": "content-secret"},
        {"path": "/v", "type": "volume", "name": "v"},
    ],
    "domains": None,
}


def test_the_spec_of_a_resource() -> None:
    spec, rules = resource_spec(APPLICATION)
    assert rules == {"mutually_exclusive": [["github", "gitlab", "bitbucket", "gitea", "git", "docker", "drop"]]}
    assert spec["env"] == {"type": "raw", "no_log": True}
    assert spec["env_mode"] == {"type": "str", "choices": ["replace", "merge"], "default": "replace"}
    assert spec["docker"]["options"]["password"]["no_log"] is True
    # Not a secret, though its name looks like one.
    assert spec["git"]["options"]["ssh_key"]["no_log"] is False
    assert spec["build"]["options"]["type"]["choices"][0] == "nixpacks"
    domains = spec["domains"]
    assert (domains["type"], domains["elements"]) == ("list", "dict")
    assert domains["options"]["host"]["required"] is True
    assert domains["options"]["path"]["default"] == "/"
    assert "required" not in domains["options"]["port"]
    assert spec["mounts"]["options"]["path"]["aliases"] == ["target"]
    assert spec["mounts"]["options"]["source"] == {"type": "str"}


def test_no_option_but_modes_and_keys_has_a_default() -> None:
    """A default would manage what the user never wrote."""
    spec, _rules = resource_spec(APPLICATION)
    with_default = {name for name, one in spec.items() if "default" in one}
    assert with_default == {"env_mode", "build_args_mode", "build_secrets_mode"}
    for option in ("build", "docker", "git", "github", "mounts"):
        assert not [name for name, one in spec[option]["options"].items() if "default" in one]


@pytest.mark.parametrize(
    ("name", "variable", "text", "value"),
    [
        ("dokploy_url", "DOKPLOY_URL", "https://x", "https://x"),
        ("dokploy_api_key", "DOKPLOY_API_KEY", "k", "k"),
        ("auth_scheme", "DOKPLOY_AUTH_SCHEME", "bearer", "bearer"),
        ("validate_certs", "DOKPLOY_VALIDATE_CERTS", "no", False),
        ("ca_path", "DOKPLOY_CA_PATH", "/ca.pem", "/ca.pem"),
        ("request_timeout", "DOKPLOY_REQUEST_TIMEOUT", "2.5", 2.5),
        ("max_retries", "DOKPLOY_MAX_RETRIES", "7", 7),
        ("rate_limit_timeout", "DOKPLOY_RATE_LIMIT_TIMEOUT", "9", 9.0),
    ],
)
def test_connection_options_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, name: str, variable: str, text: str, value: Any
) -> None:
    monkeypatch.setenv("DOKPLOY_URL", "https://d.example.com")
    monkeypatch.setenv("DOKPLOY_API_KEY", KEY)
    monkeypatch.setenv(variable, text)
    assert validated(OPERATION, name="web")[name] == value


def test_every_connection_option_reaches_the_client() -> None:
    params = {
        "dokploy_url": "https://d.example.com",
        "dokploy_api_key": KEY,
        "auth_scheme": "bearer",
        "validate_certs": False,
        "ca_path": "/ca.pem",
        "request_timeout": 1.5,
        "max_retries": 2,
        "rate_limit_timeout": 3.5,
    }
    assert set(params) == set(CONNECTION)
    config = client_config(params, "agent")
    assert (config.url, config.api_key, config.user_agent) == ("https://d.example.com", KEY, "agent")
    assert {name: getattr(config, name) for name in list(params)[2:]} == {k: params[k] for k in list(params)[2:]}


def test_secrets_in_finds_every_text_under_no_log() -> None:
    found = secrets_in(OPERATION.argument_spec, SECRET_PARAMS)
    expected = {
        KEY,
        "env-secret",
        "12345",
        "args-secret",
        SECRET_PARAMS["build_args"],
        "docker-secret",
        "content-secret",
    }
    assert found == expected


def test_secrets_in_looks_at_aliases_and_at_what_is_no_mapping() -> None:
    spec = {
        "content": {"type": "str", "no_log": True, "aliases": ["text"]},
        "items": {"type": "list", "elements": "dict", "options": {"key": {"no_log": True}}},
    }
    assert secrets_in(spec, {"text": "hunter2"}) == {"hunter2"}
    assert secrets_in(spec, {"items": ["hunter3", {"key": "hunter2"}, None]}) == {"hunter2", "hunter3"}
    assert secrets_in(spec, {}) == set()
    # Suboptions in place of text, in whatever option they were.
    plain = {"name": {"type": "str"}, "names": {"type": "list", "elements": "str"}, "env": {"type": "dict"}}
    wrong = {"name": {"password": "hunter2"}, "names": ["a", ["hunter3"]], "env": {"a": "b"}}
    assert secrets_in(plain, wrong) == {"hunter2", "hunter3"}
    assert redacted(plain, wrong) == {"name": NO_LOG, "names": NO_LOG, "env": {"a": "b"}}


def test_redacted_keeps_the_shape_and_hides_the_secrets() -> None:
    shown = redacted(OPERATION.argument_spec, SECRET_PARAMS)
    assert "secret" not in repr(shown)
    assert KEY not in repr(shown)
    assert shown["dokploy_api_key"] == shown["env"] == shown["build_args"] == NO_LOG
    assert shown["docker"] == {"image": "nginx", "password": NO_LOG}
    assert shown["mounts"][0] == {"path": "/f", "type": "file", "file_path": "f", "content": NO_LOG}
    assert shown["mounts"][1] == {"path": "/v", "type": "volume", "name": "v"}
    assert (shown["name"], shown["domains"]) == ("web", None)
    assert SECRET_PARAMS["docker"]["password"] == "docker-secret"
