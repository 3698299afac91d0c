# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A custom notification of Dokploy as an event.

Dokploy posts one JSON object, whose keys depend on what happened. That of a failed build has the failed shell command
in C(errorMessage), and the command has the environment of the service in Base64, and its build arguments and build
secrets in clear (measured on 0.30.2). The log of the deployment has the reason, so an event has no command.
"""

from __future__ import annotations

import re
from typing import Any, Dict, Mapping, Optional

from .._secrets.masking import HIDDEN, MASK, Scrubber, hide_credentials, is_secret
from .._values.schema import NOTHING, parse_json

Event = Dict[str, Any]

# What Node says of a failed command: the command, then what it wrote to standard error. Nothing tells where it ends.
_COMMAND = re.compile(r"(\bCommand failed: ).*", re.DOTALL)
_LOG = re.compile(r">> \"?(/[^\s;|&\"]+\.log)\"? 2>&1\s*\Z")
# The long texts of these letters that end in an equals sign, or that are too long for a name.
_BASE64 = re.compile(r"[A-Za-z0-9+/]{8,}={1,2}(?!\w)|[A-Za-z0-9+/]{40,}")
_LINK = re.compile(r"/dashboard/project/([\w-]+)/environment/([\w-]+)/services/(\w+)/([\w-]+)")
# Texts that are written by programs, and so may quote anything.
_OUTPUT = ("errorMessage", "cleanupMessage")
_STATUSES = {"success": "done"}
_TYPES = {
    "build": "deployment",
    "dokploy-backup": "dokploy_backup",
    "dokploy-restart": "dokploy_restart",
    "docker-cleanup": "docker_cleanup",
}


def notification_event(body: str) -> Event:
    """The event of the body of a request.

    C(type) says what happened, C(payload) has the values that Dokploy sent, without secrets. With C(deployment), which
    has the keys of C(deployments.facts), conditions need not know where an event comes from.

    :raises ValueError: the body is not a JSON object; the message does not quote it.
    """
    value = parse_json(body)
    if not isinstance(value, dict) or value is NOTHING:
        raise ValueError("the body is not a JSON object")
    try:
        payload = _clean(value, Scrubber())
    except RecursionError:
        raise ValueError("the body is nested too deeply") from None
    kind = _type_of(value)
    event = {"type": kind, "payload": payload}
    if kind == "deployment":
        event["deployment"] = _deployment(payload, _log_path(value.get("errorMessage")))
    return event


def _type_of(body: Mapping[str, Any]) -> str:
    """What a notification is about. Dokploy's own C(type) is a status for backups, and a measure for thresholds."""
    if body.get("alertType") == "server-threshold":
        return "server_threshold"
    for key, kind in (("databaseType", "database_backup"), ("volumeName", "volume_backup")):
        if key in body:
            return kind
    if body.get("title") == "Test Notification":
        return "test"
    return _TYPES.get(str(body.get("type")), "other")


def _deployment(payload: Mapping[str, Any], log_path: str) -> Dict[str, Any]:
    link = _LINK.search(str(payload.get("buildLink")))
    project, environment, _kind, service = link.groups() if link else (None,) * 4
    status = payload.get("status")
    return {
        "deployment_id": None,
        "kind": payload.get("applicationType"),
        "project": payload.get("projectName"),
        "project_id": project,
        "environment": None,
        "environment_id": environment,
        "service": payload.get("applicationName"),
        "service_id": service,
        "title": None,
        "description": None,
        "commit": None,
        "status": _STATUSES.get(str(status), status),
        "created_at": None,
        "started_at": None,
        "finished_at": payload.get("timestamp"),
        "error_message": payload.get("errorMessage") or "",
        "log_path": log_path,
    }


def _log_path(text: Any) -> str:
    """The file to which the failed command wrote, which tells the deployment among those of a service."""
    match = _LOG.search(text) if isinstance(text, str) else None
    return match.group(1) if match else ""


def _clean(value: Any, scrubber: Scrubber, key: Optional[str] = None) -> Any:
    """The value without secrets."""
    if key is not None and is_secret(key) and value not in (None, ""):
        return HIDDEN
    if isinstance(value, dict):
        return {name: _clean(item, scrubber, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_clean(item, scrubber, key) for item in value]
    if not isinstance(value, str):
        return value
    return masked_notification(value, scrubber) if key in _OUTPUT else hide_credentials(value)


def masked_notification(text: str, scrubber: Scrubber) -> str:
    """What a program wrote, in one line of bounded length, without a failed command and without Base64 texts."""
    return scrubber.sanitize(_BASE64.sub(MASK, _COMMAND.sub(r"\1" + HIDDEN, text)))
