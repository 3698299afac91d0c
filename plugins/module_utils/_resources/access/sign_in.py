# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What goes before the first API key: whether there is an administrator, sign-up and sign-in.

None of it is a procedure (measured on Dokploy 0.30.2): a redirect of the start page tells whether there is an
administrator, and better-auth has endpoints of its own, which answer with the cookie of a session. The client keeps
the cookie, and its procedures are those of the signed-in user from then on. Three requests within ten seconds are
accepted on each of both endpoints; the client waits after a 429.
"""

from __future__ import annotations

import json
from typing import Any, Mapping, Optional
from urllib.parse import urlsplit

from ... import _errors as errors
from ..._api.client import Client
from ..._api.error_mapping import ErrorContext, redirect
from ..._http.connection import Request

START_PAGE = "the start page"
SIGN_UP, SIGN_IN = "auth/sign-up/email", "auth/sign-in/email"
# The first sign-up looks for the public address of the server, which takes up to 60 s without a way to the internet.
SIGN_UP_TIMEOUT = 120.0


def has_administrator(client: Client) -> Optional[bool]:
    """Whether there is an administrator; C(None): the server does not answer yet. One request, without repetition.

    :raises RedirectError: it leads elsewhere. :raises DokployError: the certificate is not valid, for example.
    """
    request = Request("GET", "/", START_PAGE, page=True)
    try:
        response = client.transport.send(request, client.transport.attempts(0))
    except errors.ConnectionFailed as error:
        if isinstance(error, errors.TLSError):
            raise
        return None
    location = response.headers.get("Location") or ""
    if 300 <= response.status < 400:
        if urlsplit(location).path.rstrip("/").endswith("/register"):
            return False
        raise redirect(response.status, response.headers, ErrorContext(START_PAGE, client.base_url))
    return True if response.status == 200 else None


def sign_up(client: Client, account: Mapping[str, str]) -> bool:
    """Create the first administrator, who is signed in then; C(False): there is one already.

    :param account: C(email), C(password), C(name) and C(lastName).
    :raises DokployError: C(details.effect_unknown) tells whether the account may exist.
    """
    seconds = max(SIGN_UP_TIMEOUT, client.config.request_timeout)
    try:
        _post(client, SIGN_UP, account, write=True, timeout=seconds)
    except errors.BadRequest as error:
        # 422 is for the same email.
        if error.status == 422 or "Admin is already created" in (error.server_message or ""):
            return False
        raise
    return True


def sign_in(client: Client, email: str, password: str) -> None:
    """Sign in.

    :raises AuthenticationError: email or password is wrong. :raises Refused: the account has a second factor.
    """
    # With the cookie of another session, the server wants to know where the request comes from.
    client.transport.forget_cookies()
    try:
        answer = _post(client, SIGN_IN, {"email": email, "password": password})
    except errors.DokployError as error:
        if error.status != 401:
            raise
        raise errors.AuthenticationError(
            "the server refuses to sign in %s" % email,
            server_message=error.server_message,
            hint="Check email and password.",
            procedure=error.procedure,
            status=error.status,
        ) from None
    if not isinstance(answer, Mapping) or not answer.get("token"):
        raise errors.Refused(
            "%s cannot be signed in with a password alone" % email,
            hint="The account has two-factor authentication: create the API key in Dokploy's web interface.",
            procedure=SIGN_IN,
        )


def _post(
    client: Client, path: str, body: Mapping[str, Any], write: bool = False, timeout: Optional[float] = None
) -> Any:
    sent = json.dumps(dict(body), separators=(",", ":")).encode("ascii")
    return client.call(Request("POST", "/" + path, path, write=write, body=sent, timeout=timeout))
