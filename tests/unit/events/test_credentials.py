# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a credential of Event-Driven Ansible controller gives an event source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml
from jinja2.nativetypes import NativeEnvironment
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ansible_collections.community.dokploy.plugins.module_utils._events.options import checked
from tools.event_sources import FOLDER, documentation, sources

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
REQUIRED = {"url": "https://dokploy.example.com", "api_key": "key"}


class _Native(ImmutableSandboxedEnvironment, NativeEnvironment):
    pass


TEMPLATES = _Native(undefined=jinja2.StrictUndefined)


def rendered(text: Any, variables: dict[str, Any]) -> Any:
    template = isinstance(text, str) and "{{" in text and "}}" in text
    return TEMPLATES.from_string(text).render(variables) if template else text


def environment(kind: str, values: dict[str, Any], folder: Path) -> dict[str, str]:
    """The variables that eda-server and ansible-rulebook set, by C(wsapi/consumers.py) of the one and C(websocket.py)
    and C(app.py) of the other.

    eda-server renders files from the stored values and skips those without content. It completes the values by their
    defaults and renders the variables, except those with C(eda.filename). ansible-rulebook writes the files and renders
    the variables with their paths.
    """
    inputs = yaml.safe_load((FOLDER / "credential_types" / kind / "input.yml").read_text())
    injectors = yaml.safe_load((FOLDER / "credential_types" / kind / "injectors.yml").read_text())
    paths = {}
    for name, template in injectors.get("file", {}).items():
        text = str(rendered(template, values))
        if text:
            path = folder / name
            path.write_text(text)
            paths[name.split(".")[1]] = str(path)
    empty = {"string": "", "boolean": False}
    complete = {one["id"]: one.get("default") or empty[one["type"]] for one in inputs["fields"]} | values
    templates = injectors["env"].items()
    sent = {name: one if "eda.filename" in one else rendered(one, complete) for name, one in templates}
    known = {"eda": {"filename": paths}}
    return {name: str(rendered(one, known)) for name, one in sent.items()}


@pytest.mark.parametrize("more", [{}, {"ca_certificates": ""}])
def test_without_certificates_those_of_the_system_are_trusted(more: dict[str, str], tmp_path: Path) -> None:
    env = environment("dokploy", {**REQUIRED, **more}, tmp_path)
    assert (env["DOKPLOY_CA_PATH"], list(tmp_path.iterdir())) == ("", [])
    options = checked(documentation(sources()["deployments"])["options"], {}, env)
    assert options["dokploy_url"] == REQUIRED["url"] and options["dokploy_api_key"] == "key"
    assert options["validate_certs"] is True and options["ca_path"] is None


def test_certificates_are_in_a_file(tmp_path: Path) -> None:
    env = environment("dokploy", {**REQUIRED, "ca_certificates": PEM, "validate_certs": False}, tmp_path)
    options = checked(documentation(sources()["deployments"])["options"], {}, env)
    assert Path(options["ca_path"]).read_text() == PEM
    assert options["validate_certs"] is False


def test_notifications_have_their_secrets(tmp_path: Path) -> None:
    env = environment("dokploy-notifications", {"token": "of-the-token"}, tmp_path)
    options = checked(documentation(sources()["notifications"])["options"], {"port": 5000}, env)
    assert options["token"] == "of-the-token" and options["hmac_secret"] is None
