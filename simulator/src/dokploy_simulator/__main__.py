# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python -m dokploy_simulator``: serve on 127.0.0.1 until SIGTERM, SIGINT, or the end of ``--parent-pid``."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
from pathlib import Path

from .config import Config
from .runner import HOST, listen
from .server import Server
from .store import token


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m dokploy_simulator", description="An in-memory Dokploy over HTTP.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port (default)")
    parser.add_argument("--port-file", type=Path, help="write the port here once requests are answered")
    parser.add_argument("--api-key", help="the admin's key; a random one is made, and printed, without it")
    parser.add_argument("--version", default="0.30.2", help="play this release (default 0.30.2)")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="answer time of every HTTP request")
    parser.add_argument("--profile", choices=("flat", "real"), default="flat", help="answer times of a real server")
    parser.add_argument("--world", choices=("permissive", "strict"), default="permissive", help="what images exist")
    parser.add_argument("--build-seconds", type=float, default=0.05)
    parser.add_argument("--gzip", action="store_true", help="compress answers")
    parser.add_argument("--fresh", action="store_true", help="start without an owner and without a key")
    parser.add_argument("--admin-email", default="admin@example.com")
    parser.add_argument("--admin-password", default="simulator")
    parser.add_argument("--config", type=json.loads, default={}, help="further settings as JSON")
    parser.add_argument("--parent-pid", type=int, help="end when this process has ended")
    return parser.parse_args()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


async def main() -> None:
    options = arguments()
    config = Config()
    names = "version latency_ms profile world build_seconds gzip fresh admin_email admin_password".split()
    config.change({name: getattr(options, name) for name in names})
    config.change(options.config)
    key = options.api_key or token()
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    server = Server(key, config)
    runner, port = await listen(server, options.port)
    if options.port_file:
        # Renamed into place, so that a reader never sees half a number.
        partial = options.port_file.with_name(options.port_file.name + ".part")
        partial.write_text(f"{port}\n", "utf-8")
        partial.replace(options.port_file)
    shown = "" if options.api_key or config.fresh else f" key {key}"
    print(f"http://{HOST}:{port}{shown}", flush=True)
    while not end.is_set():
        try:
            await asyncio.wait_for(end.wait(), 1.0 if options.parent_pid else None)
        except TimeoutError:
            if not alive(options.parent_pid):
                end.set()
    server.queue.shutdown()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
