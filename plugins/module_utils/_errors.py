# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The family of exceptions, one kind for each thing that can go wrong, and parts of their messages.

Everything below the runner raises a C(DokployError); only the runner makes a failed result of it. An error never has
headers, keys, request bodies or registered secrets.
"""

from __future__ import annotations

import contextlib
import difflib
import errno
import functools
import os
import platform
import re
from dataclasses import dataclass
from typing import Any, Callable, ClassVar, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple


@dataclass(frozen=True)
class Issue:
    """A message of the server's validation, and the place in the input (API names) that it is about."""

    path: Tuple[str, ...]
    message: str


class DokployError(Exception):
    """Base of all errors of the collection.

    :param message: one sentence that names the option or the procedure.
    :param hint: what to do next, one sentence.
    :param procedure: for example C(application.update).
    :param status: the HTTP status, if there was an answer.
    :param details: values for the failed result beside C(msg), without secrets.
    :ivar unsettled: the request was a write that may have taken effect, and the failure may be temporary.
    :ivar may_exist: the server refused the request as if the thing to create already existed.
    :ivar pause: the seconds after which the operation may run again, since its reads show what is left to do; C(None)
        if it may not.
    :ivar retry_after: the seconds that the server asks to wait, if it says so.
    """

    kind: ClassVar[str] = "error"
    #: The message is more than one line.
    several_lines: ClassVar[bool] = False
    unsettled: bool = False
    may_exist: bool = False
    pause: Optional[float] = None
    retry_after: Optional[float] = None

    def __init_subclass__(cls, kind: str) -> None:
        cls.kind = kind

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
        """The key C(error) of a failed result, for conditions in a playbook."""
        return {"kind": self.kind, "procedure": self.procedure, "status": self.status}

    def __str__(self) -> str:
        text = self.message
        if self.server_message and self.server_message not in text:
            text = "%s: %s" % (text.rstrip(".:"), self.server_message)
        end = "" if text.endswith((".", "!", "?")) else "."
        return "%s%s %s" % (text, end, self.hint) if self.hint else text


class ConfigurationError(DokployError, kind="configuration"):
    """A connection option cannot work; nothing was sent."""


class ConnectionFailed(DokployError, kind="connection"):
    """No answer: refused, reset, timed out, unknown host."""

    #: The server got the request and did not answer in time.
    late: bool = False


class TLSError(ConnectionFailed, kind="tls"):
    """The server's certificate is not valid."""


class RedirectError(DokployError, kind="redirect"):
    """The server redirects; the API key is not sent to the other address."""


class ProtocolError(DokployError, kind="protocol"):
    """The answer is not one of Dokploy: an HTML page of a proxy, incomplete JSON."""

    #: The answer is incomplete; the same read may succeed.
    cut: bool = False
    #: The answer is JSON, but not what the procedure answers.
    odd: bool = False


class AuthenticationError(DokployError, kind="authentication"):
    """The API key is wrong or its rate limit is used up: 401 on the first call."""


class RateLimitError(DokployError, kind="rate_limit"):
    """The rate limit of the API key is used up: 401 after a success in the same run, or 429."""

    #: A missing permission has the same answer; only another call can tell.
    ambiguous: bool = False


class PermissionDenied(DokployError, kind="permission"):
    """The API key is valid, but lacks a permission: 401 with a code, or 403."""


class WrongOrganization(PermissionDenied, kind="organization"):
    """The resource belongs to another organization than the API key."""


class UnknownProcedure(DokployError, kind="unknown_procedure"):
    """404 without a path: this server does not know the procedure. It never means that a record is absent."""


class NotFoundError(DokployError, kind="not_found"):
    """The record does not exist, in any of the forms in which the server says so."""

    #: The server's noun for it (C(Application), C(Server)); empty if it does not say.
    what: str = ""

    @property
    def own(self) -> bool:
        """Whether it is the record that the procedure is about, and not one to which that refers.

        C(application.delete) can also fail with C(Server not found), and then the application still exists.
        """
        router = (self.procedure or "").partition(".")[0].lower()
        noun = self.what.lower().replace(" ", "")
        # The routers of mounts, redirects, certificates and volumeBackups have the plural.
        return not noun or noun.rstrip("s") == router.rstrip("s")


class ValidationError(DokployError, kind="validation"):
    """400 with issues: the server refuses the input."""


class BadRequest(DokployError, kind="bad_request"):
    """Any other 4xx with which the server refuses the request."""


class ServerError(DokployError, kind="server"):
    """5xx."""


class OptionError(DokployError, kind="option"):
    """The value of an option is invalid; nothing was written."""


class ReferenceNotFound(DokployError, kind="reference"):
    """No resource has the name; the message lists similar names."""


class Ambiguous(DokployError, kind="ambiguous"):
    """Several resources have the name; the message lists their IDs.

    :ivar listed_by: the query that lists them, and the description of its answer, if they may be looked at again.
    """

    listed_by: Optional[Tuple[Any, Any]] = None


class NotApplied(DokployError, kind="not_applied"):
    """The server accepted a write, but the read-back does not show it."""


class Refused(DokployError, kind="refused"):
    """The engine declines: data would be lost, or an existing resource cannot be changed so."""


class Conflict(Exception):
    """Another process changed what a plan is built on, or did the same: the runner repeats the operation."""


class PlanOutdated(Exception):
    """What the plan of a whole run is built on has changed: the runner performs the operation again."""


class WaitTimeout(DokployError, kind="timeout"):
    """The timeout expired; C(details) has the last state."""


class StreamInterrupted(DokployError, kind="stream"):
    """The lines of a subscription end before the server says that it has finished; it may still run."""


class Incomplete(DokployError, kind="incomplete"):
    """A part of what was to be done failed; the message has a line for each failure, C(details) what was done."""

    several_lines = True


class DeploymentFailed(DokployError, kind="deployment"):
    """The deployment ended in C(error) or C(cancelled); the message ends with the tail of its log."""

    several_lines = True


class NotRunning(DeploymentFailed, kind="not_running"):
    """The containers do not stay up; the message ends with the tail of their log."""


class WrongRevision(DeploymentFailed, kind="revision"):
    """The deployed revision is another one than the wanted one, or cannot be determined."""


class NotAnswering(DeploymentFailed, kind="not_answering"):
    """The deployment runs, but does not pass its HTTP check."""


#: A mistake in the parameters of one resource, which concerns no other.
OWN_MISTAKES = (OptionError, ReferenceNotFound, NotFoundError, Ambiguous, Refused)


@contextlib.contextmanager
def refused_as(message: str, hint: str, said: Callable[[str], Optional[str]] = lambda text: text) -> Iterator[None]:
    """What the server refuses, in words of the option that asks for it.

    :param said: what to show of the server's words.
    :raises Refused: the message ends with them.
    """
    try:
        yield
    except BadRequest as error:
        raise Refused(
            message,
            hint=hint,
            procedure=error.procedure,
            status=error.status,
            server_message=said(error.server_message or ""),
        ) from None


# --- parts of messages -----------------------------------------------------------------------------------------------


def enumerated(items: Sequence[str], most: int = 10, joint: str = ", ") -> str:
    """The items in one text: all of them, or the first C(most) and how many more there are."""
    more = ["and %d more" % (len(items) - most)] if len(items) > most else []
    return joint.join([*items[:most], *more])


def they_are(names: Sequence[str]) -> str:
    """The subject and the verb of a sentence: C(a is), C(a and b are)."""
    return "%s %s" % (" and ".join(names), "is" if len(names) == 1 else "are")


_KINDS: Sequence[Tuple[Any, str]] = (
    (str, "text"),
    (bool, "true or false"),
    ((int, float), "a number"),
    (Mapping, "a mapping"),
    ((list, tuple, set), "a list"),
    (type(None), "null"),
)


def kind_of(value: Any) -> str:
    """What a value is, in the words of YAML: C(a list), C(a number)."""
    return next((name for types, name in _KINDS if isinstance(value, types)), type(value).__name__)


def with_article(noun: str) -> str:
    """A noun after its indefinite article."""
    return "%s %s" % ("an" if re.match(r"[aeioAEIO]|hour|SSH\b", noun) else "a", noun)


def close_names(wanted: str, names: Iterable[str]) -> List[str]:
    """Up to three names similar to the wanted one, the most similar first, and no others that are much less so."""
    return list(_close_names(wanted.lower(), tuple(sorted(names, reverse=True))))


# Documents have the same mistake in thousands of entries.
@functools.lru_cache(maxsize=256)
def _close_names(wanted: str, names: Tuple[str, ...]) -> Tuple[str, ...]:
    folded = {name.lower(): name for name in names}
    matches = difflib.get_close_matches(wanted, list(folded), n=3, cutoff=0.6)
    similarity = {match: difflib.SequenceMatcher(None, match, wanted).ratio() for match in matches}
    best = max(similarity.values(), default=0)
    return tuple(folded[match] for match in matches if similarity[match] >= best - _LESS_SIMILAR)


# By how much of their characters others are less similar than the best name and still shown.
_LESS_SIMILAR = 0.15


def suggested(names: Sequence[str]) -> str:
    """C(Did you mean: 'web'?) of at least one name."""
    return "Did you mean: %s?" % enumerated([repr(name) for name in names])


def known_names(wanted: str, names: Iterable[str], where: str = "", most: int = 10) -> str:
    """The hint for a name that is not among C(names): the similar ones, or the first C(most).

    :param where: C( in project 'shop').
    """
    known = sorted(set(names))
    if not known:
        return "There is none%s." % (where or " at all")
    close = close_names(wanted, known)
    return suggested(close) if close else "There are: %s." % enumerated([repr(name) for name in known], most)


def why_unreadable(error: OSError, path: Optional[str] = None) -> str:
    """Why a file cannot be read, with the host if the C(path) of an option is missing; in process it is absolute."""
    reason = (error.strerror or "unknown").lower()
    if error.errno != errno.ENOENT or path is None:
        return reason
    reason += " on %s, the host that runs the module" % platform.node()
    return reason if os.path.isabs(path) else reason + "; with delegate_to: localhost it is a file of the controller"


def size_in_words(size: int) -> str:
    """A rounded number of bytes for messages: C(1 byte), C(1023 bytes), C(1.0 KiB), C(12.3 MiB)."""
    if size < 1024:
        return "1 byte" if size == 1 else "%d bytes" % size
    # From 1023.95 an amount is rounded to 1024.0.
    power = next((power for power in (1, 2, 3) if size / 1024.0**power < 1023.95), 4)
    return "%.1f %siB" % (size / 1024.0**power, " KMGT"[power])
