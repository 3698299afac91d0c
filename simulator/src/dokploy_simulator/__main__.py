# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``dokploy-simulator``: serve on 127.0.0.1 until SIGTERM, SIGINT, or the end of ``--parent-pid`` or of a command.

What it cannot do ends with status 2 and one line on standard error.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import json
import os
import shlex
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

from .api import releases
from .control.runner import HOST, environment, listen, simulated
from .http.server import Server
from .store.store import token
from .world.config import Config

NAME = "dokploy-simulator"
SETTINGS = "version latency_ms profile world build_seconds gzip fresh seeded admin_email admin_password".split()


class Parser(argparse.ArgumentParser):
    """One whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{NAME}: {' '.join(message.split())}\n")


def port(text: str) -> int:
    """A number of a port; 0 is a free one."""
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 65535")
    return int(text)


def key(text: str) -> str:
    """A key that fits into a header of HTTP."""
    if not (text.isascii() and text.isprintable()):
        raise argparse.ArgumentTypeError("a key consists of ASCII characters, without line breaks")
    return text


def json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"not JSON: {error}") from None
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError("not a JSON object")
    return value


def parser() -> argparse.ArgumentParser:
    made = Parser(prog=NAME, description="An in-memory Dokploy over HTTP, on 127.0.0.1. Its state is lost at its end.")
    made.add_argument("--port", type=port, default=0, help="0 takes a free port (default)")
    made.add_argument("--port-file", type=Path, help="write the port here once requests are answered")
    made.add_argument("--api-key", type=key, help="the administrator's key (default: a random one)")
    made.add_argument("--version", default=releases.NEWEST, help="play this release (%(default)s)")
    made.add_argument(
        "--seed",
        dest="seeded",
        action="store_true",
        help="start with registries, keys, servers, providers and two projects",
    )
    made.add_argument("--latency-ms", type=float, default=0.0, help="answer time of every HTTP request")
    made.add_argument("--profile", choices=("flat", "real"), default="flat", help="answer times of a real server")
    made.add_argument("--world", choices=("permissive", "strict"), default="permissive", help="what images exist")
    made.add_argument("--build-seconds", type=float, default=0.05)
    made.add_argument("--gzip", action="store_true", help="compress answers")
    made.add_argument("--fresh", action="store_true", help="start without an administrator and without a key")
    made.add_argument("--admin-email", default="admin@example.com")
    made.add_argument("--admin-password", default="simulator")
    made.add_argument("--config", type=json_object, default={}, help="further settings as JSON")
    made.add_argument("--parent-pid", type=int, help="end when this process has ended")
    made.add_argument(
        "command",
        nargs="*",
        help="run this command with DOKPLOY_URL and DOKPLOY_API_KEY set, and end with its status; put -- before it",
    )
    return made


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def settings(options: argparse.Namespace) -> Config:
    """Raises ``ValueError`` for settings that are not there, or do not go together."""
    values = {**{name: getattr(options, name) for name in SETTINGS}, **options.config}
    releases.check_release(values["version"])
    config = Config()
    config.change(values)
    return config


def introduction(server: Server, url: str) -> str:
    """What is printed at the start: lines for a shell, the rest as comments."""
    exports = {"DOKPLOY_URL": url, **({} if server.config.fresh else {"DOKPLOY_API_KEY": server.api_key})}
    lines = [f"export {name}={shlex.quote(value)}" for name, value in exports.items()]
    lines.append(f"# Dokploy {server.config.version}, simulated. In a browser {url}/ shows what there is.")
    if server.config.fresh:
        lines.append("# There is no administrator yet: the module community.dokploy.dokploy_bootstrap creates one.")
    return "\n".join([*lines, "# The state is lost when it ends (Ctrl-C)."])


async def outcome(command: list[str], env: dict[str, str], end: asyncio.Event) -> int:
    """Run a command, or until the end; its exit status, that of a shell when a signal has ended it."""
    process = await asyncio.create_subprocess_exec(*command, env=env)
    stopped = asyncio.create_task(end.wait())
    ended = asyncio.create_task(process.wait())
    await asyncio.wait((stopped, ended), return_when=asyncio.FIRST_COMPLETED)
    if not ended.done():
        process.terminate()
    stopped.cancel()
    status = await ended
    return status if status >= 0 else 128 - status


async def serve(options: argparse.Namespace, config: Config) -> int:
    """Serve until the end, and return the exit status. Raises ``OSError`` when the port, the file of the port or the
    command cannot be had."""
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for ending in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(ending, end.set)
    server = simulated(options.api_key or token(), config)
    runner, number = await listen(server, options.port)
    try:
        if options.port_file:
            # Renamed into place, so that a reader never sees half a number.
            partial = options.port_file.with_name(options.port_file.name + ".part")
            partial.write_text(f"{number}\n", "utf-8")
            partial.replace(options.port_file)
        url = f"http://{HOST}:{number}"
        if options.command:
            return await outcome(options.command, environment(url, None if config.fresh else server.api_key), end)
        print(introduction(server, url), flush=True)
        while not end.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(end.wait(), 1.0 if options.parent_pid else None)
            if options.parent_pid and not alive(options.parent_pid):
                end.set()
    finally:
        server.queue.shutdown()
        await runner.cleanup()
    return 0


def problem(error: OSError, options: argparse.Namespace) -> str:
    """What is wrong, and what to do about it."""
    if error.errno == errno.EADDRINUSE:
        return f"the port {options.port} is taken; choose another one with --port, or 0 for a free one"
    where = f"{error.filename}: " if error.filename else f"the port {options.port}: "
    return f"{where}{error.strerror}"


def main() -> int:
    """Entry point; returns the exit status."""
    read = parser()
    options = read.parse_args()
    try:
        return asyncio.run(serve(options, settings(options)))
    except ValueError as error:
        read.error(str(error))
    except OSError as error:
        read.error(problem(error, options))


if __name__ == "__main__":
    sys.exit(main())
