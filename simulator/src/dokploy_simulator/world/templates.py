# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Templates of compose stacks: the index that they come from, and what one becomes with its variables replaced."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
import secrets
import string
import time
import tomllib
import urllib.request
import uuid
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from ..store.randomness import RANDOM
from .config import Config

INDEX = "https://templates.dokploy.com"
CONTRACT_INDEX = "http://127.0.0.1:8519"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SECONDS = 10
VARIABLE = re.compile(r"\$\{([^}]+)\}")
LOGO_TYPES = {"png": "png", "jpg": "jpeg", "jpeg": "jpeg", "svg": "svg+xml", "webp": "webp", "gif": "gif"}
SHOWN = ("id", "name", "description", "version", "logo", "links", "tags")

META = [
    {
        "id": "mini",
        "name": "Mini",
        "description": "a minimal template",
        "version": "1.0",
        "logo": "logo.svg",
        "links": {"github": "x", "website": "y", "docs": "z"},
        "tags": ["demo", "small"],
    },
    {
        "id": "bare",
        "name": "Bare",
        "description": "no domains, no mounts",
        "version": "1",
        "logo": "",
        "links": {"github": "x"},
        "tags": ["demo"],
    },
]
BUILT_IN = {
    "meta.json": json.dumps(META),
    "blueprints/mini/logo.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>',
    "blueprints/mini/docker-compose.yml": """version: "3.8"
services:
  web:
    image: 127.0.0.1:5000/busybox:1
    command: ["sh", "-c", "trap 'exit 0' TERM; while true; do sleep 1; done"]
    environment:
      - SECRET=${SECRET}
      - HOST=${HOST}
    volumes: ["../files/app.conf:/etc/app.conf"]
""",
    "blueprints/mini/template.toml": '''[variables]
main_domain = "${domain}"
secret = "${password:24}"
h = "${hash:6}"
name = "${APP_NAME}"

[config]
isolated = true
env = [
  "SECRET=${secret}", "HOST=${main_domain}", "U=${uuid}", "J=${jwt:secret}", "T=${timestamp}", "N=${name}",
  "X=${unknown}",
]

[[config.domains]]
serviceName = "web"
port = 80
host = "${main_domain}"

[[config.domains]]
serviceName = "web"
port = 81
path = "/p"

[[config.mounts]]
filePath = "app.conf"
content = """
secret=${secret}
"""
''',
    "blueprints/bare/docker-compose.yml": (
        'services:\n  web:\n    image: 127.0.0.1:5000/busybox:1\n    command: ["sleep", "1000"]\n'
    ),
    "blueprints/bare/template.toml": "[config.env]\nA = 1\nB = true\nC = 5\n",
}
"""The two templates of the recording: what the default index has here, and any that is not on loopback."""


class TemplateError(Exception):
    """What the server says of an index or a template."""


# --- the index -------------------------------------------------------------------------------------------------------


async def read(config: Config, base_url: str | None, path: str) -> bytes | None:
    """A file of an index; None when the index lacks it. Raises ``TemplateError`` when there is no index."""
    url = (base_url or INDEX).rstrip("/")
    strict = config.world == "strict"
    if url == CONTRACT_INDEX if strict else urlsplit(url).hostname not in LOOPBACK and "missing" not in url:
        text = BUILT_IN.get(path)
        return None if text is None else text.encode()
    if strict or urlsplit(url).hostname not in LOOPBACK:
        raise TemplateError("fetch failed")
    return await asyncio.to_thread(_get, f"{url}/{path}")


def _get(url: str) -> bytes | None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=SECONDS) as response:
            content: bytes = response.read()
            return content
    except HTTPError:
        return None
    except (URLError, OSError, ValueError):
        raise TemplateError("fetch failed") from None


async def listed(config: Config, base_url: str | None) -> list[dict[str, Any]]:
    """The entries of an index. Raises ``TemplateError``."""
    text = await read(config, base_url, "meta.json")
    try:
        return [{key: entry[key] for key in SHOWN if key in entry} for entry in json.loads(text or b"")]
    except (ValueError, TypeError):
        raise TemplateError("Failed to fetch templates: Not Found") from None


async def files(config: Config, base_url: str | None, template_id: str) -> tuple[str, str, str | None]:
    """The configuration, the compose file and the logo as a data URL. Raises ``TemplateError``."""
    toml = await read(config, base_url, f"blueprints/{template_id}/template.toml")
    compose = await read(config, base_url, f"blueprints/{template_id}/docker-compose.yml")
    if toml is None or compose is None:
        raise TemplateError("Template files not found")
    return toml.decode(), compose.decode(), await _logo(config, base_url, template_id)


async def _logo(config: Config, base_url: str | None, template_id: str) -> str | None:
    try:
        entries = await listed(config, base_url)
    except TemplateError:
        return None
    name = next((entry.get("logo") for entry in entries if entry["id"] == template_id), None)
    kind = LOGO_TYPES.get(str(name).rpartition(".")[2].lower())
    content = await read(config, base_url, f"blueprints/{template_id}/{name}") if name and kind else None
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}" if content else None


# --- a template ------------------------------------------------------------------------------------------------------


def decoded(text: str) -> tuple[str, dict[str, Any]]:
    """The compose file and the configuration in the base64 text of an import. Raises ``TemplateError``."""
    clean = re.sub(r"[^A-Za-z0-9+/]", "", text)
    given = base64.b64decode(clean + "=" * (-len(clean) % 4) if len(clean) % 4 != 1 else "").decode(errors="replace")
    if not given:
        raise TemplateError("Unexpected end of JSON input")
    try:
        data = json.loads(given)
    except ValueError:
        raise TemplateError(f"Unexpected token '{given[0]}', \"{given[:20]}\" is not valid JSON") from None
    if not isinstance(data, dict) or not data.get("compose") or not data.get("config"):
        raise TemplateError("Invalid template format. Must contain compose and config fields")
    return data["compose"], configuration(data["config"])


def configuration(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TemplateError(str(error)) from None


def processed(config: dict[str, Any], app_name: str, project: str) -> dict[str, Any]:
    """``domains``, ``envs`` and ``mounts`` with every variable replaced. Random values differ each time."""
    values = {"APP_NAME": app_name, **config.get("variables", {})}
    variables = {name: value for name, value in values.items() if isinstance(value, str)}
    for name, value in variables.items():
        variables[name] = replaced(value, {}, project) if _is_random(value) else value
    for name, value in variables.items():
        variables[name] = replaced(value, variables, project)
    own = config.get("config", {})

    def meant(text: str) -> str:
        return replaced(text, variables, project)

    domains = own.get("domains") or []
    if not any(domain.get("serviceName") for domain in domains):
        domains = []
    mounts = own.get("mounts") or []
    return {
        "domains": [
            {**domain, "host": meant(domain["host"]) if domain.get("host") else random_domain(project)}
            for domain in domains
        ],
        "envs": _envs(own.get("env") or [], meant),
        "mounts": [{"filePath": meant(item["filePath"]), "content": meant(item["content"])} for item in mounts],
    }


def _envs(env: Any, meant: Any) -> list[str]:
    if isinstance(env, dict):
        return [f"{name}={meant(value) if isinstance(value, str) else _plain(value)}" for name, value in env.items()]
    lines = []
    for item in env:
        if isinstance(item, dict):
            name, value = next(iter(item.items()))
            lines.append(f"{name}={_plain(value)}")
        else:
            lines.append(meant(item) if isinstance(item, str) else _plain(item))
    return lines


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_random(value: str) -> bool:
    return value in ("${domain}", "${hash}") or value.startswith(("${base64:", "${password:", "${hash:"))


def replaced(text: str, variables: dict[str, str], project: str) -> str:
    """What is no helper and no variable stays as it is."""

    def made_by_helper(match: re.Match[str]) -> str:
        made = helper(match[1], variables, project)
        return variables.get(match[1], match[0]) if made is None else made

    return VARIABLE.sub(lambda match: variables.get(match[1], match[0]), VARIABLE.sub(made_by_helper, text))


def helper(name: str, variables: dict[str, str], project: str) -> str | None:
    kind, _colon, argument = name.partition(":")
    length = int(argument) if argument.isdigit() else 0
    made = {
        "domain": lambda: random_domain(project),
        "base64": lambda: base64.b64encode(secrets.token_bytes(length or 32)).decode(),
        "password": lambda: password(length or 16),
        "hash": lambda: secrets.token_hex(length or 8)[: length or 8],
        "uuid": lambda: str(uuid.uuid4()),
        "timestamp": lambda: str(int(time.time() * 1000)),
        "timestampms": lambda: str(int(time.time() * 1000)),
        "timestamps": lambda: str(int(time.time())),
        "randomPort": lambda: str(RANDOM.randrange(65_535)),
        "jwt": lambda: secrets.token_hex(length) if length else token(variables.get(argument, argument)),
        "username": lambda: f"user.{password(6)}",
        "email": lambda: f"{password(8)}@example.com",
    }.get(kind)
    return made() if made else None


def password(length: int) -> str:
    return "".join(RANDOM.choices(string.ascii_lowercase + string.digits, k=length))


def random_domain(project: str) -> str:
    return f"{project[:40]}-{secrets.token_hex(3)}-127-0-0-1.sslip.io"


def token(secret: str) -> str:
    """A JSON web token, signed with ``secret`` or, without one, with a random one."""

    def coded(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    payload = {"iat": int(time.time()), "exp": 1_893_456_000, "iss": "dokploy"}
    text = ".".join(
        coded(json.dumps(part, separators=(",", ":")).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, payload)
    )
    key = (secret or secrets.token_hex(32)).encode()
    return f"{text}.{coded(hmac.digest(key, text.encode(), hashlib.sha256))}"
