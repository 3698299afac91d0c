# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scenarios for the modules for registries, keys and the like: they return every documented value."""

from __future__ import annotations

from typing import Any

from tests.support.scenarios.recorder import ResultRecorder, fail_requests

GITHUB: dict[str, Any] = {
    "name": "github",
    "url": "ghcr.io",
    "username": "acme-bot",
    "password": "password of the bot",
    "image_prefix": "acme",
}


def run_registry(run: ResultRecorder) -> None:
    module = "dokploy_registry"
    for check in (True, False, False):
        run(module, check=check, **GITHUB, test_connection=True)
    run(module, name="github", url="missing.example.com", fails=True)
    run(module, **GITHUB)
    for _unused in range(2):
        run.sim.act(registry="twin")
    run.host.new_task()
    run(module, name="twin", username="u", fails=True)
    run.sim.config(drop_fields={"registry.update": ["imagePrefix"]})
    run(module, name="github", image_prefix="other", fails=True)
    for _again in range(2):
        run(module, name="github", state="absent")
    fail_requests(run, module, **GITHUB)


def run_registry_info(run: ResultRecorder) -> None:
    run("dokploy_registry", **GITHUB)
    for include_secrets in (False, True):
        run("dokploy_registry_info", include_secrets=include_secrets)
    fail_requests(run, "dokploy_registry_info")
