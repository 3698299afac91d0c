# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Custom notifications as events, by bodies of a real server (0.30.2; those of backups and thresholds by its code)."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._events.notifications import notification_event
from ansible_collections.community.dokploy.plugins.module_utils._secrets.masking import HIDDEN

ENV = base64.b64encode(b"SECRET_PASSWORD=canary-env").decode()
LOG = "/etc/dokploy/logs/app-x-1bow2y/app-x-1bow2y-2026-11-26:09:10:16.log"
COMMAND = (
    "Command execution failed: Command failed: (set -e;rm -rf /etc/dokploy/applications/app-x-1bow2y/code;"
    "if ! git clone --branch main https://oauth2:canary-git@git.example.com/web.git code; then\n\texit 1;\nfi\n"
    f'echo "{ENV}" | base64 -d > "/etc/dokploy/applications/app-x-1bow2y/code/.env";\n'
    "S=canary-build docker build -t app-x-1bow2y . --build-arg A\\=canary-arg || {\n  exit 1;\n}\n"
    f") >> {LOG} 2>&1\n"
)
BUILD: dict[str, Any] = {
    "title": "Build Error",
    "message": "Build failed with errors",
    "projectName": "shop",
    "applicationName": "web",
    "applicationType": "application",
    "errorMessage": COMMAND,
    "buildLink": "http://:3300/dashboard/project/ukTJ8g7vzKGgVL25gliLv/environment/E3wFtM3Q9ZnZf_n2qImq2/services/"
    "application/-hA5zmA-fhwBJ8_IPHLh8?tab=deployments",
    "timestamp": "2026-11-26T09:10:18.892Z",
    "date": "11/26/2026, 9:10:18 AM",
    "status": "error",
    "type": "build",
}


def event(**body: Any) -> dict[str, Any]:
    return notification_event(json.dumps(body))


def test_a_failed_build() -> None:
    found = event(**BUILD)
    assert found["deployment"] == {
        "deployment_id": None,
        "kind": "application",
        "project": "shop",
        "project_id": "ukTJ8g7vzKGgVL25gliLv",
        "environment": None,
        "environment_id": "E3wFtM3Q9ZnZf_n2qImq2",
        "service": "web",
        "service_id": "-hA5zmA-fhwBJ8_IPHLh8",
        "title": None,
        "description": None,
        "commit": None,
        "status": "error",
        "created_at": None,
        "started_at": None,
        "finished_at": "2026-11-26T09:10:18.892Z",
        "error_message": f"Command execution failed: Command failed: {HIDDEN}",
        "log_path": LOG,
    }
    assert found["payload"] == {**BUILD, "errorMessage": found["deployment"]["error_message"]}
    assert "canary" not in json.dumps(found) and ENV[:8] not in json.dumps(found)


def test_a_build_without_an_error_is_done_like_a_deployment() -> None:
    found = event(**{**BUILD, "status": "success", "title": "Build Success", "errorMessage": None})
    assert (found["type"], found["deployment"]["status"], found["deployment"]["error_message"]) == (
        "deployment",
        "done",
        "",
    )
    assert found["deployment"]["log_path"] == "" and found["payload"]["status"] == "success"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"title": "Database Backup Failed", "databaseType": "postgres", "type": "error"}, "database_backup"),
        ({"title": "Volume Backup Successful", "volumeName": "data", "type": "success"}, "volume_backup"),
        ({"title": "Dokploy Backup Failed", "type": "dokploy-backup"}, "dokploy_backup"),
        ({"title": "Dokploy Server Restarted", "type": "dokploy-restart"}, "dokploy_restart"),
        ({"title": "Docker Cleanup", "type": "docker-cleanup"}, "docker_cleanup"),
        ({"title": "Server CPU Alert", "type": "CPU", "alertType": "server-threshold"}, "server_threshold"),
        ({"title": "Test Notification", "message": "Hi"}, "test"),
        ({"title": "Something new", "type": ["build"]}, "other"),
        ({}, "other"),
    ],
)
def test_types(body: dict[str, Any], kind: str) -> None:
    assert event(**body) == {"type": kind, "payload": body}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f'error at echo "{ENV}" | base64 -d', 'error at echo "********" | base64 -d'),
        (f"{ENV.rstrip('=')}{ENV.rstrip('=')} is odd", "******** is odd"),
        ("no file /etc/dokploy/applications/web: code 1", "no file /etc/dokploy/applications/web: code 1"),
        ("rclone --s3-secret-access-key=canary x", "rclone --s3-secret-access-key=******** x"),
        ("fetch https://user:canary@example.com/x", "fetch https://********@example.com/x"),
        ("Command failed with code 1. Stderr: denied", "Command failed with code 1. Stderr: denied"),
        ("two\nlines", "two lines"),
        ("x " * 5000, ("x " * 500).strip() + " ..."),
    ],
)
def test_what_programs_wrote_is_shown_without_secrets(text: str, shown: str) -> None:
    assert event(errorMessage=text, databaseType="postgres")["payload"]["errorMessage"] == shown


def test_secrets_anywhere_are_hidden() -> None:
    found = event(deep=[{"apiKey": "canary", "url": "https://u:canary@x.example/?token=canary"}], password="canary")
    assert "canary" not in json.dumps(found)
    assert found["payload"]["password"] == HIDDEN and event(password=None)["payload"]["password"] is None
    assert event(secret={"value": "canary"}, tokens=[["canary"]])["payload"] == {"secret": HIDDEN, "tokens": HIDDEN}


def test_half_of_a_surrogate_pair_can_be_sent_on() -> None:
    notification_event('{"title": "\\ud800"}')["payload"]["title"].encode("utf-8")


@pytest.mark.parametrize("body", ["", "[]", "1", "null", '{"a": NaN}', '{"a": -1e999}', "[" * 100_000, "{" * 9])
def test_what_is_no_object_is_refused(body: str) -> None:
    with pytest.raises(ValueError, match=r"\Athe body is not a JSON object\Z"):
        notification_event(body)
