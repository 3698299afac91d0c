# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What can go wrong, as one family of exceptions.

Everything below the runner raises a C(DokployError); only the runner catches it and turns it into a failed result.
An error carries the words for a person (message, the server's words, a hint) and the facts for a program
(kind, procedure, HTTP status). It never carries headers, keys, request bodies or anything registered as a secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Dict, Optional, Sequence, Tuple


@dataclass(frozen=True)
class Issue:
    """One complaint of the server's validation: where in the input (API names) and what it says."""

    path: Tuple[str, ...]
    message: str


class DokployError(Exception):
    """Base of all errors of the collection.

    :param message: one sentence in our words; names the option or the procedure.
    :param hint: what to do next, one sentence.
    :param procedure: the API procedure that was called, for example C(application.update).
    :param status: the HTTP status, when there was an answer.
    :param server_message: the server's own words, already scrubbed.
    :param details: plain facts that go into the failed result beside C(msg) (no secrets).
    :ivar unsettled: the request was a write that may have had its effect, and the failure may pass.
    :ivar conflict: the request was refused as it would be if what it creates existed already.
    :ivar pause: seconds after which the operation may be performed again, since what it reads then tells what is left
        to do; C(None) when it may not.
    """

    kind: ClassVar[str] = "error"
    unsettled: bool = False
    conflict: bool = False
    pause: Optional[float] = None

    def __init__(
        self,
        message: str,
        *,
        hint: Optional[str] = None,
        procedure: Optional[str] = None,
        status: Optional[int] = None,
        server_message: Optional[str] = None,
        issues: Sequence[Issue] = (),
        details: Optional[Dict[str, Any]] = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.procedure = procedure
        self.status = status
        self.server_message = server_message
        self.issues = tuple(issues)
        self.details = dict(details or {})

    @property
    def facts(self) -> Dict[str, Any]:
        """What conditions of a playbook look at: the key C(error) of a failed result."""
        return {"kind": self.kind, "procedure": self.procedure, "status": self.status}

    def __str__(self) -> str:
        text = self.message
        if self.server_message and self.server_message not in text:
            text = "%s: %s" % (text.rstrip(".:"), self.server_message)
        if self.hint:
            text = "%s%s %s" % (text, "" if text.endswith((".", "!", "?")) else ".", self.hint)
        return text


# --- raised by the client -------------------------------------------------------------------------------------------


class ConfigurationError(DokployError):
    """The connection options cannot work: refused before any request."""

    kind = "configuration"


class ConnectionFailed(DokployError):
    """No answer: refused, reset, timed out, name unknown."""

    kind = "connection"


class TLSError(ConnectionFailed):
    """The certificate does not verify."""

    kind = "tls"


class RedirectError(DokployError):
    """The server redirects; the key is never carried along."""

    kind = "redirect"


class ProtocolError(DokployError):
    """An answer that Dokploy does not give: an HTML page of a proxy, cut JSON.

    :ivar cut: the answer broke off; the same read may succeed.
    :ivar odd: it is JSON, and says something else than the procedure answers.
    """

    kind = "protocol"
    cut: bool = False
    odd: bool = False


class AuthenticationError(DokployError):
    """The key is wrong or spent (401 on the first call)."""

    kind = "authentication"


class RateLimitError(DokployError):
    """The key is spent: 401 after a success in the same run, or a real 429.

    :ivar retry_after: seconds the server asks to wait, when it says so.
    :ivar ambiguous: a missing right is answered with the very same words; only another call can tell.
    """

    kind = "rate_limit"
    retry_after: Optional[float] = None
    ambiguous: bool = False


class PermissionDenied(DokployError):
    """The key is good, the right is missing: 401 with a code, or 403."""

    kind = "permission"


class WrongOrganization(PermissionDenied):
    """The object belongs to another organization than the key."""

    kind = "organization"


class UnknownProcedure(DokployError):
    """404 without a path: this server does not know the procedure. Never 'already gone'."""

    kind = "unknown_procedure"


class NotFoundError(DokployError):
    """The record does not exist, in any of the forms in which the server says so.

    :ivar what: the server's noun for it (C(Application), C(Server)); empty when it does not say.
    """

    kind = "not_found"
    what: str = ""

    @property
    def own(self) -> bool:
        """Whether it is the record the procedure is about, and not one that it refers to.

        C(application.delete) can fail with C(Server not found) as well, and then the application lives on.
        """
        router = (self.procedure or "").partition(".")[0].lower()
        noun = self.what.lower().replace(" ", "")
        # The routers of mounts, redirects, certificates and volumeBackups bear the plural.
        return not noun or noun.rstrip("s") == router.rstrip("s")


class ValidationError(DokployError):
    """400 with issues: the server refuses the input."""

    kind = "validation"


class BadRequest(DokployError):
    """Any other 4xx in which the server refuses what was asked."""

    kind = "bad_request"


class ServerError(DokployError):
    """5xx.

    :ivar retry_after: seconds the server asks to wait, when it says so.
    """

    kind = "server"
    retry_after: Optional[float] = None


# --- raised by the engine -------------------------------------------------------------------------------------------


class OptionError(DokployError):
    """An option's value cannot be right; nothing was written."""

    kind = "option"


class ReferenceNotFound(DokployError):
    """A name (project, environment, git provider, ...) that does not exist; the message lists similar names."""

    kind = "reference"


class Ambiguous(DokployError):
    """A name that several things bear; the message lists their ids."""

    kind = "ambiguous"


class NotApplied(DokployError):
    """A write was accepted, but the read-back does not show it."""

    kind = "not_applied"


class Refused(DokployError):
    """The engine declines: it would lose data or cannot be done to an existing thing."""

    kind = "refused"


class Conflict(Exception):
    """Another process changed what a plan is built on: the executor raises it, and the runner repeats the operation."""


class WaitTimeout(DokployError):
    """What was waited for did not come in time; details hold the last state seen."""

    kind = "timeout"


class DeploymentFailed(DokployError):
    """The deployment ended in C(error) or C(cancelled); the message ends with the tail of its log."""

    kind = "deployment"


class NotRunning(DeploymentFailed):
    """What was started does not stay up; the message ends with the tail of its log."""

    kind = "not_running"


class WrongRevision(DeploymentFailed):
    """What was built is another revision than the one that was wanted, or nobody can say which it is."""

    kind = "revision"


class NotHealthy(DeploymentFailed):
    """What was deployed runs, and does not answer as it should."""

    kind = "not_healthy"
