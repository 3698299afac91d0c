# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Event source C(community.dokploy.notifications): custom notifications of Dokploy, by HTTP."""

from __future__ import annotations

import asyncio
import base64
import errno
import hashlib
import hmac
import importlib
import importlib.machinery
import importlib.util
import logging
import os
import re
import ssl
import sys
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

DOCUMENTATION = r"""
---
short_description: Receive the custom notifications of Dokploy
description:
  - Listens for the requests that Dokploy sends for a notification of the type custom, such as when a deployment has
    failed. Each request becomes one event.
  - Every request must be authenticated, with a token or with a signature.
  - An event has no header and no secret. Dokploy sends the failed shell command of a deployment, which contains the
    environment of the service. The command is removed, and so are texts in Base64, passwords in URLs and the values of
    keys that are named like secrets.
  - Dokploy waits for the response while a deployment is in its queue, sends a notification once, and does not repeat
    it. Use the event source C(community.dokploy.deployments) where no deployment must be missed.
options:
  host:
    description:
      - Address to listen on.
      - With the default, only programs of this host can connect, such as a reverse proxy. V(0.0.0.0) means all IPv4
        addresses of the host, V(::) all IPv6 addresses.
    type: str
    default: 127.0.0.1
  port:
    description: TCP port to listen on.
    type: int
    required: true
  token:
    description:
      - Token that a request must have in the header C(Authorization), as C(Bearer TOKEN). Set this header in the
        notification, for example with O(community.dokploy.dokploy_notification#module:custom.headers).
      - O(token) or O(hmac_secret) is required. With both, a request needs both.
    type: str
    env:
      - name: DOKPLOY_NOTIFICATION_TOKEN
  hmac_secret:
    description:
      - Secret of the HMAC signature that a request must have.
      - Dokploy cannot sign its requests, since their headers are the same each time. The option is for a proxy or
        another program that signs them.
    type: str
    env:
      - name: DOKPLOY_NOTIFICATION_HMAC_SECRET
  hmac_algo:
    description: Algorithm of the signature.
    type: str
    choices:
      - sha256
      - sha384
      - sha512
    default: sha256
  hmac_header:
    description:
      - Header of the signature. The name of the algorithm may precede the signature, as in C(sha256=...).
    type: str
    default: x-hub-signature-256
  hmac_format:
    description: Format of the signature.
    type: str
    choices:
      - hex
      - base64
    default: hex
  certfile:
    description:
      - File with the certificate in PEM format, followed by those of its authorities. With it, the source speaks HTTPS
        only.
    type: path
  keyfile:
    description: File with the private key of O(certfile). The default is O(certfile) itself.
    type: path
  password:
    description: Password of the private key.
    type: str
    env:
      - name: DOKPLOY_NOTIFICATION_KEY_PASSWORD
  cafile:
    description:
      - File with certificates of authorities in PEM format. With it, a client needs a certificate of one of them.
      - Dokploy has no client certificate, so the option is for a proxy.
    type: path
  max_body_bytes:
    description:
      - Largest body of a request. Larger ones are refused with the status 413.
      - A failed command contains the environment of the service, so that a notification is larger than its event.
    type: int
    default: 1048576
  request_timeout:
    description:
      - Seconds within which the body of a request must arrive, and within which an event must be taken by the rule
        engine. Otherwise the response has the status 408 or 503.
    type: float
    default: 10.0
"""

EXAMPLES = r"""
- community.dokploy.notifications:
    host: 0.0.0.0
    port: 5000
    token: "{{ notification_token }}"
    certfile: /etc/eda/fullchain.pem
    keyfile: /etc/eda/privkey.pem

# Behind a reverse proxy on the same host. The token is in the environment variable DOKPLOY_NOTIFICATION_TOKEN.
- community.dokploy.notifications:
    port: 5000
"""

logger = logging.getLogger("community.dokploy.notifications")


def _without_quotes(record: logging.LogRecord) -> bool:
    """For the log of aiohttp. It writes a traceback where a request is not HTTP, which may quote the token."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        record.levelno, record.levelname, record.exc_info = logging.WARNING, "WARNING", None
        record.msg = "Refused a request from %s: it is not valid HTTP"
    # The remainder of a body that was refused already.
    return not isinstance(error, web.RequestPayloadError)


_http_logger = logger.getChild("http")
_http_logger.addFilter(_without_quotes)

_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def _utils(name: str) -> Any:
    """A module of the collection's plugins/module_utils.

    ansible-rulebook runs an event source by its path, without Ansible's loader of collections. These files import each
    other relatively, so that any package name serves.
    """
    package = "_community_dokploy_module_utils"
    if package not in sys.modules:
        spec = importlib.machinery.ModuleSpec(package, None, is_package=True)
        spec.submodule_search_locations = [str(Path(__file__).resolve().parents[4] / "plugins/module_utils")]
        sys.modules[package] = importlib.util.module_from_spec(spec)
    return importlib.import_module(f"{package}.{name}")


def _options(args: dict[str, Any]) -> dict[str, Any]:
    """The value of every option. Raises C(ConfigurationError), which names the option."""
    utils, errors = _utils("_events.options"), _utils("_errors")
    options: dict[str, Any] = utils.checked(yaml.safe_load(DOCUMENTATION)["options"], args, os.environ)
    utils.within(options, "port", 1, 65535)
    utils.within(options, "max_body_bytes", 1, 64 * 1024 * 1024)
    utils.within(options, "request_timeout", 0.1, 300)
    if options["token"] is None and options["hmac_secret"] is None:
        raise errors.ConfigurationError("token or hmac_secret is required", hint="Anyone could send events without it.")
    token = options["token"]
    if token is not None and (token != token.strip() or not token.isprintable()):
        hint = "A token that is read from a file often ends in a line break: remove it."
        raise errors.ConfigurationError("token begins or ends with a blank, or has a line break", hint=hint)
    if not _HEADER.fullmatch(options["hmac_header"]):
        raise errors.ConfigurationError("hmac_header is not the name of a header")
    for name in ("keyfile", "password", "cafile"):
        if options[name] is not None and options["certfile"] is None:
            raise errors.ConfigurationError(f"{name} needs certfile")
    return options


def _tls(options: dict[str, Any]) -> ssl.SSLContext | None:
    """The TLS settings, None for HTTP. Raises C(ConfigurationError)."""
    if options["certfile"] is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    # A function: without a password, OpenSSL would ask for it on the terminal.
    password = options["password"] or ""
    try:
        context.load_cert_chain(options["certfile"], options["keyfile"], lambda: password)
    except (OSError, ValueError) as error:
        raise _unusable("certfile, keyfile or password", error) from None
    if options["cafile"] is not None:
        try:
            context.load_verify_locations(options["cafile"])
        except (OSError, ValueError) as error:
            raise _unusable("cafile", error) from None
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _unusable(names: str, error: Exception) -> Exception:
    reason = getattr(error, "strerror", None) or str(error)
    made: Exception = _utils("_errors").ConfigurationError(f"{names} cannot be used: {reason}")
    return made


class Listener:
    """Turns requests into events."""

    def __init__(self, queue: Any, options: dict[str, Any]) -> None:
        self._queue, self._options = queue, options
        self._event_of = _utils("_events.notifications").notification_event

    async def handle(self, request: web.Request) -> web.Response:
        """One request: judged by its headers before its body is read."""
        self._check_token(request)
        timeout = self._options["request_timeout"]
        try:
            body = await asyncio.wait_for(request.read(), timeout)
        except asyncio.TimeoutError:
            raise _refusal(web.HTTPRequestTimeout, "the body did not arrive in time") from None
        except web.HTTPRequestEntityTooLarge:
            logger.warning("Refused a notification: the body is larger than max_body_bytes")
            raise
        except (web.RequestPayloadError, ConnectionError):
            # A body that cannot be decompressed, or a client that has gone, which gets no response.
            raise _refusal(web.HTTPBadRequest, "the body did not arrive whole") from None
        self._check_signature(request, body)
        try:
            event = self._event_of(body.decode("utf-8"))
        except ValueError as error:
            # A UnicodeDecodeError would quote the body.
            reason = "the body is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
            raise _refusal(web.HTTPBadRequest, reason) from None
        try:
            await asyncio.wait_for(self._queue.put(event), timeout)
        except asyncio.TimeoutError:
            logger.error("Lost a notification: the rules did not take it within %s s", timeout)
            raise web.HTTPServiceUnavailable(text="the rules are busy") from None
        return web.Response(status=204)

    def _check_token(self, request: web.Request) -> None:
        if self._options["token"] is None:
            return
        scheme, _blank, token = request.headers.get("Authorization", "").strip().partition(" ")
        if scheme.lower() != "bearer" or not _equal(token.strip(), self._options["token"]):
            raise _refusal(web.HTTPUnauthorized, "the token is missing or wrong")

    def _check_signature(self, request: web.Request, body: bytes) -> None:
        options = self._options
        if options["hmac_secret"] is None:
            return
        made = hmac.new(options["hmac_secret"].encode(), body, getattr(hashlib, options["hmac_algo"]))
        digest = made.hexdigest() if options["hmac_format"] == "hex" else base64.b64encode(made.digest()).decode()
        given = request.headers.get(options["hmac_header"], "").strip().removeprefix(f"{options['hmac_algo']}=")
        if not _equal(given, digest):
            raise _refusal(web.HTTPUnauthorized, "the signature is missing or wrong")


def _equal(given: str, wanted: str) -> bool:
    """Compared in constant time; as bytes, since a text may have other than ASCII characters."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode())


def _refusal(response: type[web.HTTPError], reason: str) -> web.HTTPError:
    logger.warning("Refused a notification: %s", reason)
    return response(text=reason)


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Listen until the task is cancelled. Raises C(ConfigurationError) before that."""
    options = _options(args)
    tls = _tls(options)
    app = web.Application(client_max_size=options["max_body_bytes"])
    app.router.add_post("/{path:.*}", Listener(queue, options).handle)
    runner = web.AppRunner(app, access_log=None, logger=_http_logger, handle_signals=False)
    await runner.setup()
    try:
        site = web.TCPSite(runner, options["host"], options["port"], ssl_context=tls)
        try:
            await site.start()
        except (OSError, ValueError) as error:
            # asyncio's own text repeats the address. The numbers of the resolver are negative, or not those of errno.
            number = getattr(error, "errno", None) or 0
            reason = os.strerror(number) if number in errno.errorcode else getattr(error, "strerror", None) or error
            where = f"host {options['host']}, port {options['port']}: it is impossible to listen there"
            raise _utils("_errors").ConfigurationError(f"{where}: {reason}") from None
        logger.info("Listening on %s", site.name)
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
