# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which error a refusal of the server stands for.

Dokploy says one thing in many ways, and different things in one way; the status alone decides nothing. What is
written here was measured on 0.25.0 to 0.30.2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Callable, Mapping, Optional, Pattern, Tuple, Type
from urllib.parse import urljoin, urlsplit

from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    AuthenticationError,
    BadRequest,
    DokployError,
    Issue,
    NotFoundError,
    PermissionDenied,
    ProtocolError,
    RateLimitError,
    RedirectError,
    ServerError,
    UnknownProcedure,
    ValidationError,
    WrongOrganization,
)


@dataclass(frozen=True)
class ErrorContext:
    """What is known about the call beside its answer.

    :param scrub: makes the server's words fit for a message.
    :param base_url: the address of the API that was asked.
    :param proven: the key was accepted before in this client's life.
    :param key_works: it was accepted just now, after this very call was refused.
    :param trpc: the answer came by the tRPC route, whose errors look different.
    :param sent: how much was uploaded, in words; nothing for a request without a file.
    """

    procedure: str
    host: str
    scrub: Callable[[str], str] = lambda text: text
    proven: bool = False
    key_works: bool = False
    auth_scheme: str = "auto"
    trpc: bool = False
    sent: str = ""
    base_url: str = ""


@dataclass(frozen=True)
class Complaint:
    """The body of a refusal, whatever its form was.

    :param dokploy: it has a form that Dokploy gives, and not only some words of something in between.
    :param has_data: there is a C(data) object (REST from 0.28 on, tRPC always).
    """

    message: str = ""
    code: str = ""
    path: str = ""
    has_data: bool = False
    dokploy: bool = False
    issues: Tuple[Issue, ...] = field(default=())


@dataclass(frozen=True)
class Missing:
    """One of the ways in which a server says that a record does not exist, other than 404."""

    procedures: Pattern[str]
    status: int
    message: Pattern[str]


def _missing(procedures: str, status: int, message: str) -> Missing:
    return Missing(re.compile("(?:%s)\\Z" % procedures), status, re.compile("(?:%s)\\Z" % message))


MISSING: Tuple[Missing, ...] = (
    # port.one, backup.remove, notification.remove, gitProvider.remove, security.create (its application);
    # environment.update and, on 0.25.0, environment.remove put "Error updating the environment: " in front.
    _missing(r"[\w.]+", 400, r"(?:Error \w+ the \w+: )?[A-Z][A-Za-z ]{1,40} not found"),
    # From 0.28.7 on an update that meets no row; before, it was a 404.
    _missing(r"application\.update", 400, r"Error updating application"),
    _missing(r"(?:postgres|mysql|mariadb|mongo|redis|libsql)\.update", 400, r"Error updating \w+"),
    # An unknown id is answered like an organization one is not a member of.
    _missing(r"organization\.one", 403, r"You are not a member of this organization"),
)

# From 0.28.7 on these answer 200 with an empty body when the id is unknown, and with a value when it is known.
MISSING_WHEN_EMPTY = frozenset(["compose.update"])

_WHAT = re.compile(r"(?:Error \w+ the \w+: )?([A-Z][A-Za-z ]*?) not found")
_NO_PROCEDURE = re.compile(r'No (?:"\w+"-)?procedure (?:found )?on path')
_OTHER_ORGANIZATION = re.compile(r"You are not authorized to access this ([\w ]+)")
_NO_RIGHT = re.compile(r"unauthorized to access resource|You don't have access to this")

_KEY_HINT = (
    "Check dokploy_api_key: it may be wrong, disabled or expired, which Dokploy refuses with the same words. For a key "
    "that is used up, create it with rateLimitEnabled false, or set rate_limit_timeout to wait for it."
)
_SPENT_HINT = (
    "The key's rate limit is used up, or it expired or was revoked meanwhile; create it with rateLimitEnabled false, "
    "or raise rate_limit_timeout."
)
_UPLOAD_HINT = (
    "Raise the limit of the proxy in front of Dokploy (client_max_body_size of nginx, for one), set dokploy_url to an "
    "address without it, or make the upload smaller."
)
_AWAY_HINT = "Dokploy may be starting or down: look into its log, and run it again."
# Beside the refusal of the database itself: the words in which servers before 0.28 put it.
_CONFLICT = re.compile(r"the database refused|\AError creating this \w+\Z")
_HINTS = (
    ("No values to set", "This server knows none of the fields that were sent."),
    ("Internal server error", "Look into the log of the Dokploy server."),
    ("Body exceeded", "Dokploy takes at most 1 MB in one request."),
    ("the database refused", "Check the ids and names that the request refers to."),
)


def classify(
    status: int, complaint: Complaint, context: ErrorContext, retry_after: Optional[float] = None
) -> DokployError:
    """The error for an answer with this status (400 and above) and body."""
    words = context.scrub(complaint.message)
    scrub = context.scrub
    # A step of the path may be a key of a mapping that was sent.
    issues = tuple(Issue(tuple(map(scrub, issue.path)), scrub(issue.message)) for issue in complaint.issues)
    if issues:
        words = "; ".join("%s: %s" % (".".join(issue.path) or "input", issue.message) for issue in issues)

    def error(kind: Type[DokployError], message: str, hint: Optional[str] = None) -> DokployError:
        made = kind(
            "%s on %s %s" % (context.procedure, context.host, message),
            hint=hint or next((advice for start, advice in _HINTS if start in words), None),
            procedure=context.procedure,
            status=status,
            server_message=words or None,
            issues=issues,
        )
        made.conflict = bool(_CONFLICT.search(words))
        return made

    def not_found(message: str) -> DokployError:
        missing = error(NotFoundError, message)
        said = _WHAT.match(complaint.message)
        if said and isinstance(missing, NotFoundError):
            missing.what = said.group(1)
        return missing

    if any(
        row.status == status and row.procedures.match(context.procedure) and row.message.match(complaint.message)
        for row in MISSING
    ):
        return not_found("found no such record (HTTP %d)" % status)
    if status == 401:
        return _unauthorized(complaint, context, error)
    if status == 429:
        spent = error(RateLimitError, "is refused: too many requests (HTTP 429)", _SPENT_HINT)
        if isinstance(spent, RateLimitError):
            spent.retry_after = retry_after
        if retry_after is not None:
            spent.details["retry_after"] = retry_after
        return spent
    if status == 403 or (status == 400 and _NO_RIGHT.search(complaint.message)):
        return error(PermissionDenied, "is not permitted to this key (HTTP %d)" % status)
    if status in (404, 405):
        if _unknown_procedure(status, complaint):
            hint = "Check the spelling and whether it is a query or a mutation; an older server may not have it yet."
            return error(UnknownProcedure, "is not known to this server (HTTP %d)" % status, hint)
        if complaint.dokploy:
            return not_found("found no such record (HTTP %d)" % status)
        hint = "Is dokploy_url the address of Dokploy itself, and does Dokploy run?"
        return error(ProtocolError, "got an answer that is not Dokploy's (HTTP %d)" % status, hint)
    if status >= 500:
        failed = error(ServerError, "failed on the server (HTTP %d)" % status)
        failed.hint = failed.hint or _AWAY_HINT
        return failed
    if complaint.issues:
        return error(ValidationError, "was refused, the input is not valid (HTTP %d)" % status)
    if status == 413:
        what = context.sent or "the request"
        return error(
            BadRequest, "was refused, %s is too large (HTTP 413)" % what, _UPLOAD_HINT if context.sent else None
        )
    if status in (414, 431):
        return error(BadRequest, "was refused, the address of the request is too long (HTTP %d)" % status)
    return error(BadRequest, "was refused (HTTP %d)" % status)


_Make = Callable[..., DokployError]


def _unauthorized(complaint: Complaint, context: ErrorContext, error: _Make) -> DokployError:
    """401 is a bad key, a spent key, a missing right or another organization.

    Without C(code), or from tRPC with the bare word, the key itself was refused. On REST the bare word with a code
    means that the first of two checks passed: the key is spent by now, or it belongs to a member and the procedure is
    for administrators, whose check throws the same word.
    """
    bare = complaint.message == "UNAUTHORIZED" and complaint.code == "UNAUTHORIZED"
    if complaint.code and not bare:
        other = _OTHER_ORGANIZATION.match(complaint.message)
        if not other:
            return error(PermissionDenied, "is not permitted to this key (HTTP 401)")
        hint = "The key belongs to one organization and sees only what is in it."
        if other.group(1).endswith("server"):
            hint = "The server belongs to another organization, or there is none with this id."
        return error(WrongOrganization, "is not permitted to this key (HTTP 401)", hint)
    if context.proven or (bare and not context.trpc):
        if bare and context.key_works:
            return error(
                PermissionDenied, "is not permitted to this key (HTTP 401)", "It may be for administrators only."
            )
        spent = error(
            RateLimitError, "is refused: the key was accepted before, but is not any more (HTTP 401)", _SPENT_HINT
        )
        if isinstance(spent, RateLimitError):
            spent.ambiguous = bare
        return spent
    hint = _KEY_HINT
    if context.auth_scheme == "bearer":
        hint = "Dokploy reads the key from the header x-api-key only: set auth_scheme to auto or api_key."
    return error(
        AuthenticationError, "is refused: the key is not accepted, or its rate limit is used up (HTTP 401)", hint
    )


def _unknown_procedure(status: int, complaint: Complaint) -> bool:
    """404 is a missing record or an unknown procedure; taking the latter for the former would hide a misspelling."""
    if not complaint.dokploy:
        return False
    if status == 405 or complaint.message == "Not found":
        return True
    # 0.28 and later, and tRPC: a record's 404 comes from inside the procedure and therefore has its path.
    return complaint.has_data and (not complaint.path or bool(_NO_PROCEDURE.match(complaint.message)))


# --- redirect ---
# Redirects, which are never followed: the address to use instead.


def redirect(status: int, headers: Mapping[str, str], context: ErrorContext) -> RedirectError:
    """The error for a redirect: names the address to use, without the procedure, and never a credential."""
    return RedirectError(
        "%s on %s is redirected (HTTP %d); the key is not sent on" % (context.procedure, context.host, status),
        hint=_advice(headers.get("Location") or "", context),
        procedure=context.procedure,
        status=status,
    )


def _advice(location: str, context: ErrorContext) -> str:
    own = re.sub("/api\\Z", "", context.base_url)
    try:
        parts = urlsplit(urljoin("%s/%s" % (context.base_url, context.procedure), location))
        host = parts.netloc.rsplit("@", 1)[-1]
        same_host = urlsplit(own).hostname == parts.hostname
    except ValueError:
        host = ""
    if not location or not host or parts.scheme not in ("http", "https"):
        return "Set dokploy_url to the address that answers itself."
    # What follows a semicolon may be the number of a session.
    whole = parts.path.partition(";")[0]
    path = re.split(r"/api(?:/trpc)?/%s" % re.escape(context.procedure), whole)[0]
    origin = "%s://%s" % (parts.scheme, host)
    address = origin + path.rstrip("/")
    shown = context.scrub(address)
    if path == whole:
        return "It leads to %s; set dokploy_url to that only if it is Dokploy's own address, not a login page." % shown
    if address == own:
        return (
            "It leads back to %s. A proxy in front of Dokploy does not pass on the scheme or the path as they came: "
            "correct its configuration, or set dokploy_url to an address without the proxy." % shown
        )
    prefix = urlsplit(own).path
    if prefix and same_host and not path:
        # A server that is published below a path, which the proxy takes off, knows nothing of that path.
        return "Set dokploy_url to %s, or to %s if Dokploy is not below %s there." % (
            context.scrub(origin + prefix),
            shown,
            context.scrub(prefix),
        )
    # An /api at the end of dokploy_url counts as the one that belongs to Dokploy.
    return "Set dokploy_url to %s." % (shown + "/api" if address.endswith("/api") else shown)
