# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The HTTP check of a deployed service."""

from __future__ import annotations

import warnings
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union
from urllib.parse import unquote, urlsplit

from .._engine.wait import Waiter
from .._errors import DokployError, NotAnswering, OptionError
from .._http.connection import new_session
from .._http.failures import why_not
from .._secrets.masking import hide_credentials
from .._swarm.tasks import Service

Options = Mapping[str, Any]


def check_http_options(options: Optional[Options]) -> None:
    """:raises OptionError: a suboption of C(http_check) is invalid."""
    if options is None:
        return
    for name, low in (("timeout", 0.001), ("retries", 0), ("delay", 0)):
        if not low <= options[name] <= 86400:
            raise OptionError("http_check.%s is %s; it must be between %g and 86400" % (name, options[name], low))
    if not options["status_codes"] or any(not 100 <= code <= 599 for code in options["status_codes"]):
        raise OptionError("http_check.status_codes must list statuses between 100 and 599")
    url, host = options["url"], options["host"]
    if url is not None and (not _is_address(url) or any(ord(letter) < 33 for letter in url)):
        raise OptionError("http_check.url must be an address that begins with http:// or https://")
    if host is not None and (not host or any(not 32 < ord(letter) < 127 for letter in host)):
        raise OptionError("http_check.host must be a host name")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def address_of(service: Service, options: Options) -> str:
    """The URL to request: the given one, or that of the service's first enabled domain.

    :raises OptionError: there is neither.
    """
    if options["url"] is not None:
        return str(options["url"])
    domains = service.row.get("domains") or []
    domains = [item for item in domains if item.get("enabled") is not False and item.get("host")]
    if not domains:
        raise OptionError("http_check needs a url, since %s has no domain" % service.label)
    return url_of_domain(min(domains, key=lambda item: str(item.get("createdAt"))))


def url_of_domain(row: Mapping[str, Any]) -> str:
    """The URL that the row of a domain stands for."""
    path = str(row.get("path") or "")
    return "%s://%s/%s" % ("https" if row.get("https") else "http", row["host"], path[path.startswith("/") :])


def check_http(
    checks: Sequence[Tuple[str, str]], options: Options, waiter: Waiter
) -> List[Union[Dict[str, Any], DokployError]]:
    """For each label and URL the answered status, or the error. Each attempt requests all that have not succeeded."""
    answers: List[Any] = [None] * len(checks)
    for attempt in range(options["retries"] + 1):
        if attempt:
            waiter.sleep(options["delay"])
        answers = [
            answer if isinstance(answer, dict) else _request(*check, options) for check, answer in zip(checks, answers)
        ]
        open_labels = [label for (label, _url), answer in zip(checks, answers) if not isinstance(answer, dict)]
        if not open_labels:
            break
        waiter.progress("waiting for %s" % ", ".join(open_labels), "http_check")
    return answers


def _request(label: str, url: str, options: Options) -> Union[Dict[str, Any], DokployError]:
    status, error = _status(url, options)
    url, attempts = hide_credentials(url), options["retries"] + 1
    if status in options["status_codes"]:
        return {"url": url, "status": status}
    if status is not None:
        error = "HTTP %s" % status
    return NotAnswering(
        "%s failed its HTTP check: %s gave %s after %d attempt%s"
        % (label, url, error, attempts, "" if attempts == 1 else "s"),
        hint="It is deployed and runs. http_check.status_codes lists the accepted statuses.",
        details={"http_check": {"url": url, "status": None, "error": error}},
    )


def _status(url: str, options: Options) -> Tuple[Optional[int], str]:
    """The status of a GET without the API key, or C(None) and why there is none. The body is not read."""
    headers = {"User-Agent": "community.dokploy", **({"Host": options["host"]} if options["host"] else {})}
    settings = {"verify": options["validate_certs"], "allow_redirects": options["follow_redirects"], "stream": True}
    try:
        with _session(url) as session, warnings.catch_warnings():
            # The user has disabled the verification.
            warnings.simplefilter("ignore")
            with session.get(url, headers=headers, timeout=options["timeout"], **settings) as response:
                return response.status_code, ""
    except ValueError:
        # Of requests too, for an address that is not valid.
        return None, "the address cannot be used"
    except OSError as error:
        endless = type(error).__name__ == "TooManyRedirects"
        return None, "it redirects again and again" if endless else why_not(error, options["timeout"])


def _session(url: str) -> Any:
    """A session with the credentials of the address, and none of a C(.netrc). Proxy variables keep working."""
    parts = urlsplit(url)
    user, password = (unquote(text or "").encode() for text in (parts.username, parts.password))
    session = new_session((user, password) if user or password else lambda request: request)

    def redirected(request: Any, response: Any) -> None:
        # requests would read .netrc here, and keep the Host header for another host.
        old, new = urlsplit(response.request.url), urlsplit(request.url)
        if session.should_strip_auth(response.request.url, request.url):
            request.headers.pop("Authorization", None)
        if (old.hostname, old.port) != (new.hostname, new.port):
            request.headers.pop("Host", None)

    session.rebuild_auth = redirected
    return session
