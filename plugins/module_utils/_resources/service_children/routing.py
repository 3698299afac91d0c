# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Routing by Traefik: domains, redirects and basic-auth users.

Dokploy writes them at once, and without a deployment, into one Traefik file for each application. Measured on Dokploy
0.30.2 with Traefik 3.7: a redirect or a user that is written or removed while no domain is enabled leaves empty tables
of routers and services. Traefik refuses that file, and with it every later change of all files. The removal of the last
domain removes the file. A file that contains C({}) stays as it is until a domain is added.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Callable, Mapping, Optional, Set, Tuple

from ..._deployment.http_check import url_of_domain
from ..._engine.concurrency import in_flight
from ..._engine.diff import Diff, Judgement, Row
from ..._engine.execute import Executor
from ..._engine.plan import Outcome, Step, Write
from ..._engine.state import State
from ..._errors import PermissionDenied
from ..._model.child import Child, Everywhere, Generated, child
from ..._model.field import Field
from ..._model.resource import ChangeCheck
from ..._reads.reads import Reads
from ..._values.codec import BOOLEAN, INTEGER, TEXT, WORDS, Codec
from ..instance.traefik_facts import EMPTY, INVALID_FILE_EFFECT
from .server_limits import LIMITS, STACK_LIMITS, domains_in_batch

READ_FILE, WRITE_FILE = "application.readTraefikConfig", "application.updateTraefikConfig"
# What the server writes without an entry, when comments and blanks are removed.
_INVALID_FILE = re.compile(r"http:(\{\}|((routers|services|middlewares):\{\})+)")


def _lower(value: Any) -> str:
    return str(value or "").lower()


# DNS and Traefik ignore case; Dokploy stores what it is sent.
HOST = Codec("str", to_api=_lower, same=lambda wanted, current: _lower(wanted) == _lower(current), shown=TEXT.shown)
_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
# The server's own rule since 0.29.9; Let's Encrypt gives no certificate for anything else.
_HOST_NAME = (
    r"(?:%s\.)*%s\Z" % (_LABEL, _LABEL),
    "is not a valid host name: use labels of letters, digits and hyphens, separated by dots (xn--... for others)",
)
ABSOLUTE = (r"/", "must begin with /")


def needs_https(certificate: str, https: str) -> Callable[[Mapping[str, Any]], Optional[str]]:
    """Why a certificate has no effect: Dokploy stores it, but does not write it to Traefik's file."""
    reason = "https is not true, so Traefik serves no certificate"
    return lambda row: None if row.get(certificate) in (None, "none") or row.get(https) else reason


def service_of_stack(service: str) -> Tuple[Field, ...]:
    """The option for one service of a Compose stack, which what belongs to a stack needs."""
    return (Field("service", "serviceName", needed=True),) if service == "compose" else ()


# The domains of host names that Dokploy makes; before sslip.io, it used traefik.me.
_GENERATED = ("sslip.io", "traefik.me")
_LISTINGS = {"application": "domain.byApplicationId", "compose": "domain.byComposeId"}


def domains(service: str) -> Child:
    """The domains of a service."""
    in_stack = service == "compose"
    return child(
        "domain",
        "domain",
        Field("host", "host", HOST, key=True, needed=True, pattern=_HOST_NAME),
        *service_of_stack(service),
        Field("path", "path", key=True, default="/", pattern=ABSOLUTE),
        Field("port", "port", INTEGER, limits=(1, 65535)),
        Field("https", "https", BOOLEAN),
        Field(
            "certificate",
            "certificateType",
            choices=("none", "letsencrypt", "custom"),
            no_effect=needs_https("certificateType", "https"),
        ),
        Field("certificate_resolver", "customCertResolver", needed=("certificate", "custom")),
        Field("internal_path", "internalPath", pattern=ABSOLUTE),
        Field("strip_path", "stripPath", BOOLEAN),
        Field("entrypoint", "customEntrypoint", since=(0, 29, 0)),
        Field("middlewares", "middlewares", WORDS, since=(0, 29, 0)),
        Field("forward_auth", "forwardAuthEnabled", BOOLEAN, since=(0, 29, 8)),
        Field("enabled", "enabled", BOOLEAN, since=(0, 30, 0)),
        parent={"%sId" % service: "$parent", "domainType": service},
        # domain.update requires the host.
        always_sent=("host",),
        create_ignores={"enabled": True},
        # Those of a stack are labels of its containers, which a deployment sets.
        applies_immediately=not in_stack,
        in_flight=STACK_LIMITS if in_stack else LIMITS,
        in_batch=None if in_stack else domains_in_batch,
        everywhere=Everywhere(
            listing=_LISTINGS[service],
            others={kind: listing for kind, listing in _LISTINGS.items() if kind != service},
            # A disabled domain has no router.
            claims=lambda row: row.get("enabled") is not False,
            effect="On one server, Traefik serves only one of them.",
        ),
        # A redirect or a user without a domain makes the file invalid.
        first=not in_stack,
        generates=Generated(
            field="host",
            procedure="domain.generateDomain",
            body={"appName": "appName", "serverId": "serverId"},
            # A template has such a name, too.
            pattern=r"%%s-[0-9a-f]{6}-[0-9a-f-]+\.(?:%s)\Z" % "|".join(map(re.escape, _GENERATED)),
            domains=_GENERATED,
            prefix="appName",
            longest=40,
            label="generated.sslip.io",
        ),
    )


DOMAINS = domains("application")


def first_url(row: Row) -> str:
    """The URL of the first enabled domain of a service, in the order of its results; empty if it has none."""
    enabled = [
        domain for domain in row.get("domains") or () if domain.get("host") and domain.get("enabled") is not False
    ]
    if not enabled:
        return ""
    return url_of_domain(min(enabled, key=lambda domain: [str(domain.get(key.api)) for key in DOMAINS.key_fields]))


REDIRECTS = child(
    "redirects",
    "redirect",
    Field("regex", "regex", key=True, needed=True, limits=(1, 8192)),
    Field("replacement", "replacement", needed=True, limits=(1, 8192)),
    Field("permanent", "permanent", BOOLEAN),
    parent={"applicationId": "$parent", "permanent": False},
    always_sent=("regex", "replacement", "permanent"),
    applies_immediately=True,
    in_flight=LIMITS,
)

# RFC 7617: a colon ends the user name.
_USERNAME = (r"[^:\s]+\Z", "is not a valid user name")

# What the API calls security.
BASIC_AUTH = child(
    "security",
    "basic_auth",
    Field("username", "username", key=True, needed=True, limits=(1, 255), pattern=_USERNAME),
    Field("password", "password", secret=True, needed=True, limits=(1, 1024)),
    option="basic_auth",
    embedded="security",
    id_key="securityId",
    parent={"applicationId": "$parent"},
    always_sent=("username", "password"),
    applies_immediately=True,
    in_flight=LIMITS,
)


# What is in the file of an application, and of that what needs a domain in it.
NEEDS_DOMAIN = {REDIRECTS.option, BASIC_AUTH.option}
IN_FILE = {DOMAINS.option, *NEEDS_DOMAIN}


def _bare(text: Optional[str]) -> str:
    return "".join(re.sub(r"(?m)^\s*#.*$", "", text or "").split())


@dataclass(frozen=True)
class KeepValid(Step):
    """Give the file a valid text, where it is invalid or a write without a domain makes it so."""

    id_key: str
    resource_id: Any

    def run(self, executor: Executor, outcome: Outcome) -> None:
        body = {self.id_key: outcome.value(self.resource_id)}
        with in_flight(executor.client.base_url, LIMITS[WRITE_FILE]):
            text = _bare(executor.client.query(READ_FILE, body))
            if text and not _INVALID_FILE.fullmatch(text):
                return
            body["traefikConfig"] = EMPTY
            executor.answer(Write(WRITE_FILE, body), body)
        outcome.sent = executor.sent = True


def _file(state: State, diff: Diff, _params: Mapping[str, Any], reads: Reads) -> Mapping[str, Any]:
    """The C(text) of the file of the stated children, where no domain is in it and nothing of it is written."""
    resource, row, stated = state.resource, state.row, IN_FILE & set(state.children) - state.desired.unstated
    if row is None or not stated or _written(diff) or _has_domain(row, diff):
        return {}
    # Where this user may not read it, nothing is written that changes it, and this user could not repair it.
    with contextlib.suppress(PermissionDenied):
        return {"text": reads.client.query(READ_FILE, {resource.id_key: row[resource.id_key]})}
    return {}


def _written(diff: Diff) -> Set[str]:
    """What of the file is written."""
    return IN_FILE & {change.child.option for change in diff.children}


def _stays_valid(state: State, diff: Diff, _params: Mapping[str, Any], known: Mapping[str, Any]) -> Judgement:
    """The diff with what the file of the stated children needs."""
    resource = state.resource
    if _has_domain(state.row, diff):
        return Judgement(diff)
    keep = (partial(KeepValid, resource.id_key),)
    if _written(diff) & NEEDS_DOMAIN:
        return Judgement(replace(diff, more=keep))
    text = str(known.get("text") or "")
    if not _INVALID_FILE.fullmatch(_bare(text)):
        return Judgement(diff)
    message = "%s %r: what %s reads is empty. %s. It is replaced with a valid file."
    warning = message % (resource.name, (state.row or {}).get("name"), READ_FILE, INVALID_FILE_EFFECT)
    action = "update" if diff.empty else diff.action
    return Judgement(replace(diff, action=action, more=keep, shown={READ_FILE: (text, EMPTY)}), (warning,))


VALID_FILE = ChangeCheck(_stays_valid, _file, tuple(sorted(IN_FILE)))


def _has_domain(row: Optional[Row], diff: Diff) -> bool:
    """Whether a domain is enabled once all are added and changed, and before one is removed."""
    enabled = {
        str(domain.get(DOMAINS.id_key)): domain.get("enabled") for domain in (row or {}).get(DOMAINS.embedded) or ()
    }
    for change in diff.children:
        if change.child.option == DOMAINS.option and change.action != "remove":
            resource_id = str((change.row or {}).get(DOMAINS.id_key, change.label))
            stated = {want.field.api: want.value for want in change.item}
            enabled[resource_id] = stated.get("enabled", enabled.get(resource_id))
    return any(value is not False for value in enabled.values())
