# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Dokploy posts to custom notifications when a deployment has ended (bodies measured on 0.30.2).

The failed command is in ``errorMessage``, with the environment of the service in Base64 and its build secrets in clear.
"""

from __future__ import annotations

import asyncio
import base64
import json
import urllib.request
from datetime import UTC, datetime
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from ..store.store import Row, now
from ..world.outside import phrase
from ..world.templates import LOOPBACK
from ..world.world import World

EVENTS = {"done": "appDeploy", "error": "appBuildError"}


async def deployment_ended(world: World, kind: str, type_: str, service: Row, deployment: Row, result: str) -> None:
    """Tell every custom notification of the organization that wants to know. Nothing is sent twice, or repeated.

    A rebuild of an application is told when it has worked only, one of a compose and a preview never (source).
    """
    if kind not in ("application", "compose") or (type_ == "redeploy" and (kind == "compose" or result == "error")):
        return
    body = _body(world, kind, service, deployment, result)
    for row in list(world.store.notifications):
        if row["notificationType"] == "custom" and row[EVENTS[result]]:
            await deliver(world, row["custom"], body)


async def deliver(world: World, custom: Row, body: Row) -> str:
    """Send one message, if the setting ``send_notifications`` says so, and keep it; returns why it does not arrive."""
    world.outside.receive("custom", custom["endpoint"], body)
    if not world.config.send_notifications or urlsplit(custom["endpoint"]).hostname not in LOOPBACK:
        return ""
    return await asyncio.to_thread(_post, custom["endpoint"], custom["headers"] or {}, body)


def _post(url: str, headers: dict[str, str], body: Row) -> str:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    request = urllib.request.Request(url, text, {"Content-Type": "application/json", **headers}, method="POST")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=30):
            return ""
    except HTTPError as error:
        return phrase(error.code)
    except (URLError, OSError, ValueError):
        return "fetch failed"


def _body(world: World, kind: str, service: Row, deployment: Row, result: str) -> Row:
    environment, settings = service["environment"], world.store.settings
    place = f"project/{environment['projectId']}/environment/{environment['environmentId']}"
    address = f"http{'s' * settings['https']}://{settings['host'] or settings['serverIp'] + ':3000'}"
    moment = datetime.now(UTC)
    good = result == "done"
    return {
        "title": "Build Success" if good else "Build Error",
        "message": "Build completed successfully" if good else "Build failed with errors",
        "projectName": environment["project"]["name"],
        "applicationName": service["name"],
        "applicationType": kind,
        **({} if good else {"errorMessage": _failed_command(kind, service, deployment)}),
        "buildLink": f"{address}/dashboard/{place}/services/{kind}/{service[f'{kind}Id']}?tab=deployments",
        "timestamp": now(),
        "date": f"{moment:%m/%d/%Y}, {moment.hour % 12 or 12}:{moment:%M:%S %p}",
        **({"domains": ", ".join(domain["host"] for domain in service["domains"])} if good else {}),
        "status": "success" if good else "error",
        "type": "build",
    }


def _failed_command(kind: str, service: Row, deployment: Row) -> str:
    folder = f"/etc/dokploy/{'compose' if kind == 'compose' else 'applications'}/{service['appName']}/code"
    coded = base64.b64encode((service["env"] or "").encode()).decode()
    env_file = f'echo "{coded}" | base64 -d > "{folder}/.env";\n'
    if kind == "compose":
        command = f"{env_file}docker compose -p {service['appName']} up -d --build --remove-orphans 2>&1"
    elif service["sourceType"] == "docker":
        # As an image is pulled, no file is written.
        command = f"docker pull {service['dockerImage']} 2>&1"
    else:
        secrets = " ".join((service["buildSecrets"] or "").splitlines())
        command = f"{env_file}{secrets} docker build -t {service['appName']} ."
    script = f"(set -e;\n{command} || {{\n  exit 1;\n}}\n) >> {deployment['logPath']} 2>&1\n"
    return f"Command execution failed: Command failed: {script}"
