# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tests' own door under /_sim/: no key, JSON in and out, never counted and never delayed."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from aiohttp import web

from ..api.errors import ProcedureError
from ..http.overview import overview
from ..http.server import Server
from ..jobs import database_engines
from ..world import traefik
from . import commands, data_events, external_events


def run(server: Server, name: str, values: dict[str, Any]) -> Any:
    """Carry out one control call; used by the HTTP door and by the in-process class alike.

    Raises ``ValueError``, ``TypeError`` or ``ProcedureError`` for what cannot be done, ``KeyError`` for no such call.
    """
    if name == "stats":
        return server.stats.as_dict()
    if name == "stats/reset":
        server.stats.reset()
        return {"ok": True}
    if name == "reset":
        return commands.reset(server, **values)
    if name == "faults":
        return commands.faults(server, values)
    if name == "holds":
        return commands.holds(server, values)
    if name == "config":
        server.config.change(values)
        return server.config.as_dict()
    if name == "seed":
        return commands.seed(server, **values)
    if name == "action":
        return external_events.act(server, values)
    if name == "traefik":
        return {"refused": traefik.refused(server.store)}
    if name == "services":
        return server.docker.as_dict()
    if name == "logins":
        return database_engines.logins(server)
    if name == "jobs":
        running = {job.id: job.row["deploymentId"] for job in server.queue.active if job.row is not None}
        return [{"deploymentId": running.get(job.id), **job.data()} for job in server.queue.jobs()]
    if name == "files":
        return server.buckets.as_dict()
    if name == "messages":
        return deepcopy(server.outside.messages)
    if name == "volumes":
        return {volume: data.state for volume, data in server.store.volumes.items()}
    if name == "data":
        return data_events.data(server)
    if name == "rows":
        return data_events.rows(server, **values)
    if name == "uploads":
        return deepcopy(server.store.uploads)
    if name == "overview":
        return overview(server)
    if name == "health":
        return {"ok": True, "version": server.config.version}
    raise KeyError(name)


async def handle(server: Server, request: web.BaseRequest) -> web.Response:
    name = request.rel_url.path.removeprefix("/_sim/").strip("/")
    try:
        text = await request.text()
        values = json.loads(text) if text else {}
        if not isinstance(values, (dict, list)):
            raise ValueError("the body must be a JSON object")
        result = run(server, name, values if isinstance(values, dict) else {name: values})
    except KeyError as error:
        return web.json_response({"error": f"no such thing: {error}"}, status=404)
    except (ValueError, TypeError, ProcedureError) as error:
        return web.json_response({"error": str(error)}, status=400)
    return web.json_response(result)
