# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which error an unsuccessful response stands for. The status alone decides nothing (measured on 0.25.0 to 0.30.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Callable, Mapping, Optional, Tuple, Type, TypeVar
from urllib.parse import urljoin, urlsplit

from .. import _errors as errors

_Error = TypeVar("_Error", bound=errors.DokployError)


@dataclass(frozen=True)
class ErrorContext:
    """What is known about a request besides its response.

    :param scrub: removes secrets from the server's messages.
    :param proven: the key was accepted before by this client.
    :param key_works: whether it was accepted just now, after this very request was refused.
    :param trpc: the response came by the tRPC route, whose errors have another form.
    :param sent: how much was uploaded, as text; empty for a request without a file.
    """

    procedure: str
    base_url: str
    scrub: Callable[[str], str] = lambda text: text
    auth_scheme: str = "auto"
    proven: bool = False
    key_works: Optional[bool] = None
    trpc: bool = False
    sent: str = ""

    def error(self, kind: Type[_Error], status: int, what: str, hint: Optional[str] = None, **facts: Any) -> _Error:
        """The error "PROCEDURE on HOST what"; C(facts) are further arguments of its class."""
        message = "%s on %s %s" % (self.procedure, urlsplit(self.base_url).netloc, what)
        return kind(message, hint=hint, procedure=self.procedure, status=status, **facts)


@dataclass(frozen=True)
class ErrorBody:
    """The body of an error, whatever its form was.

    :param path: C(None) without a C(data) object, which REST has from 0.28 on, and tRPC always.
    :param status: C(httpStatus) of tRPC.
    :param dokploy: it has a form that Dokploy sends, unlike the text of a proxy.
    """

    message: str = ""
    code: str = ""
    path: Optional[str] = None
    status: int = 0
    dokploy: bool = False
    issues: Tuple[errors.Issue, ...] = ()

    @property
    def bare(self) -> bool:
        return self.message == self.code == "UNAUTHORIZED"


# How servers say with 400 that a record does not exist: port.one, backup.remove, notification.remove,
# gitProvider.remove, security.create (its application); environment.update and, on 0.25.0, environment.remove put
# "Error updating the environment: " in front.
_MISSING = re.compile(r"(?:Error \w+ the \w+: )?[A-Z][A-Za-z ]{1,40} not found")
# From 0.28.7 on, the update of a service that meets no row; before, it was a 404.
_NOT_UPDATED = re.compile(r"(?:Update: )?Error updating \w+")
# From 0.28.7 on these answer 200 with an empty body when the ID is unknown, and with a value when it is known. It is no
# word of a description, since modules that do not ship that of stacks send it too, and would take it for a success.
MISSING_WHEN_EMPTY = frozenset(["compose.update"])

NOT_DOKPLOY = "Check that dokploy_url is the address of Dokploy itself, and that no proxy changes its answers."
_NOUN = re.compile(r"(?:Error \w+ the \w+: )?([A-Z][A-Za-z ]*?) not found")
_NO_PROCEDURE = re.compile(r'No (?:"\w+"-)?procedure (?:found )?on path')
_OTHER_ORGANIZATION = re.compile(r"You are not authorized to access this ([\w ]+)")
_NO_RIGHT = re.compile(r"unauthorized to access resource|You don't have access to this")

_KEY_HINT = (
    "Check dokploy_api_key: it may be wrong, disabled or expired, which Dokploy refuses with the same message. If its "
    "rate limit is used up, create a key with rateLimitEnabled false, or set rate_limit_timeout to wait."
)
_RATE_LIMIT_HINT = (
    "The key's rate limit is used up, or it expired or was revoked meanwhile; create it with rateLimitEnabled false, "
    "or increase rate_limit_timeout."
)
_UPLOAD_HINT = (
    "Raise the limit of the proxy in front of Dokploy (client_max_body_size of nginx, for one), set dokploy_url to an "
    "address without it, or make the upload smaller."
)
_DOWN_HINT = "Dokploy may be starting or down: check its log, and run the task again."
# Besides the refusal of the database itself: the messages of servers before 0.28.
_EXISTS = re.compile(r"the database refused|\AError creating this \w+\Z")
_HINTS = (
    ("No values to set", "This server knows none of the fields that were sent."),
    (
        "Resource type not found",
        "Neither a service nor a container of Docker has the name that the installer gives it.",
    ),
    ("Internal server error", "Check the log of the Dokploy server."),
    (
        "network with name",
        "Docker has one that Dokploy does not know: import it in the web interface, or choose another name.",
    ),
    ("Body exceeded", "Dokploy accepts at most 1 MB in one request."),
    ("the database refused", "Check the IDs and names that the request refers to."),
)


def classify(
    status: int, body: ErrorBody, context: ErrorContext, retry_after: Optional[float] = None
) -> errors.DokployError:
    """The error for a response with this status (400 and above) and body."""
    said = context.scrub(body.message)
    # A step of the path may be a key of a mapping that was sent.
    issues = tuple(
        errors.Issue(tuple(map(context.scrub, issue.path)), context.scrub(issue.message)) for issue in body.issues
    )
    if issues:
        said = "; ".join("%s: %s" % (".".join(issue.path) or "input", issue.message) for issue in issues)
    kind, what, hint = _meaning(status, body, context)
    if hint is None:
        hint = next((advice for part, advice in _HINTS if part in said), _DOWN_HINT if status >= 500 else None)
    what = "%s (HTTP %d)" % (what, status)
    error = context.error(kind, status, what, hint, server_message=said or None, issues=issues)
    error.may_exist = bool(_EXISTS.search(said))
    if isinstance(error, errors.NotFoundError):
        noun = _NOUN.match(body.message)
        error.what = noun.group(1) if noun else ""
    elif isinstance(error, errors.RateLimitError):
        error.ambiguous = body.bare
        error.retry_after = retry_after
        error.details = {} if retry_after is None else {"retry_after": retry_after}
    return error


# The class of an error, its message and a hint.
_Meaning = Tuple[Type[errors.DokployError], str, Optional[str]]


_NO_RECORD: _Meaning = (errors.NotFoundError, "found no such record", None)


def _says_missing(status: int, body: ErrorBody, context: ErrorContext) -> bool:
    """Whether a procedure says in its own way that a record does not exist."""
    not_updated = context.procedure.endswith(".update") and _NOT_UPDATED.fullmatch(body.message)
    return status == 400 and bool(not_updated or _MISSING.fullmatch(body.message))


def _not_found(status: int, body: ErrorBody) -> _Meaning:
    if not body.dokploy:
        return errors.ProtocolError, "got an answer that is not Dokploy's", NOT_DOKPLOY
    # Never take an unknown procedure for a missing record: that would hide a misspelling. From 0.28 on and with tRPC,
    # a record's 404 comes from inside the procedure and therefore has its path.
    no_path = body.path == "" or _NO_PROCEDURE.match(body.message)
    if status == 404 and body.message != "Not found" and not no_path:
        return _NO_RECORD
    hint = "Check its spelling and whether it is a query or a mutation; an older server may not have it yet."
    return errors.UnknownProcedure, "is not known to this server", hint


def _meaning(status: int, body: ErrorBody, context: ErrorContext) -> _Meaning:
    if _says_missing(status, body, context):
        return _NO_RECORD
    if status == 401:
        return _unauthorized(body, context)
    if status == 429:
        return errors.RateLimitError, "is refused: too many requests", _RATE_LIMIT_HINT
    if status == 403 and "license required" in body.message:
        return errors.PermissionDenied, "is a part of Dokploy's enterprise edition", "Activate a license on the server."
    if status == 403 or (status == 400 and _NO_RIGHT.search(body.message)):
        return errors.PermissionDenied, "is not permitted to this key", None
    if status in (404, 405):
        return _not_found(status, body)
    if status >= 500:
        return errors.ServerError, "failed on the server", None
    if body.issues:
        return errors.ValidationError, "was refused, the input is not valid", None
    if status == 413:
        what = context.sent or "the request"
        return errors.BadRequest, "was refused, %s is too large" % what, _UPLOAD_HINT if context.sent else None
    too_long = ", the address of the request is too long" if status in (414, 431) else ""
    return errors.BadRequest, "was refused" + too_long, None


def _unauthorized(body: ErrorBody, context: ErrorContext) -> _Meaning:
    """401 is a wrong key, a key whose rate limit is used up, a missing right or another organization.

    Without C(code), or from tRPC with the bare word, the key itself was refused. On REST the bare word with a code
    means that the first of two checks passed: the rate limit is used up by now, or the key belongs to a member and the
    procedure is for administrators, whose check throws the same word.
    """
    denied = "is not permitted to this key"
    if body.code and not body.bare:
        other = _OTHER_ORGANIZATION.match(body.message)
        if not other:
            return errors.PermissionDenied, denied, None
        hint = "The key belongs to one organization and sees only what is in it."
        if other.group(1).endswith("server"):
            hint = "The server belongs to another organization, or no server has this ID."
        return errors.WrongOrganization, denied, hint
    if context.proven or (body.bare and not context.trpc):
        if body.bare and context.key_works:
            return errors.PermissionDenied, denied, "It may be for administrators only."
        return errors.RateLimitError, "is refused: the key was accepted before, but is not any more", _RATE_LIMIT_HINT
    hint = _KEY_HINT
    if context.auth_scheme == "bearer":
        hint = "Dokploy reads the key from the header x-api-key only: set auth_scheme to auto or api_key."
    return errors.AuthenticationError, "is refused: the key is not accepted, or its rate limit is used up", hint


def redirect(status: int, headers: Mapping[str, str], context: ErrorContext) -> errors.RedirectError:
    """The error for a redirect: names the address to use, without the procedure, and never a credential."""
    what = "is redirected (HTTP %d); the key is not sent on" % status
    return context.error(errors.RedirectError, status, what, _redirect_hint(headers.get("Location") or "", context))


def _redirect_hint(location: str, context: ErrorContext) -> str:
    own = urlsplit(re.sub("/api\\Z", "", context.base_url))
    try:
        parts = urlsplit(urljoin("%s/%s" % (context.base_url, context.procedure), location))
    except ValueError:
        parts = urlsplit("")
    host = parts.netloc.rsplit("@", 1)[-1]
    if not location or not host or parts.scheme not in ("http", "https"):
        return "Set dokploy_url to the address of Dokploy itself."
    # What follows a semicolon may be a session ID.
    whole = parts.path.partition(";")[0]
    path = re.split(r"/api(?:/trpc)?/%s" % re.escape(context.procedure), whole)[0]
    origin = "%s://%s" % (parts.scheme, host)
    address = origin + path.rstrip("/")
    safe = context.scrub(address)
    if path == whole:
        return "It leads to %s; set dokploy_url to that only if it is Dokploy's own address, not a login page." % safe
    if address == own.geturl():
        return (
            "It leads back to %s. A proxy in front of Dokploy does not pass on the scheme or the path as they came: "
            "correct its configuration, or set dokploy_url to an address without the proxy." % safe
        )
    if own.path and own.hostname == parts.hostname and not path:
        # A server that is published below a path, which the proxy removes, does not know that path.
        places = context.scrub(origin + own.path), safe, context.scrub(own.path)
        return "Set dokploy_url to %s, or to %s if Dokploy is not below %s there." % places
    # An /api at the end of dokploy_url counts as the one that belongs to Dokploy.
    return "Set dokploy_url to %s." % (safe + "/api" if address.endswith("/api") else safe)
