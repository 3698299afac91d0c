# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Whether what was deployed answers over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Union
from urllib.parse import urlsplit

from ansible_collections.community.dokploy.plugins.module_utils._api.client import probe
from ansible_collections.community.dokploy.plugins.module_utils._engine.wait import Waiter
from ansible_collections.community.dokploy.plugins.module_utils._errors import DokployError, NotHealthy, OptionError
from ansible_collections.community.dokploy.plugins.module_utils._secrets.patterns import hide_credentials

Row = Mapping[str, Any]
Options = Mapping[str, Any]
Answer = Union[Dict[str, Any], DokployError]


@dataclass(frozen=True)
class Check:
    """An address to ask, and what messages call the application behind it."""

    label: str
    url: str


def check_options(options: Optional[Options]) -> None:
    """:raises OptionError: what can be judged without the application is wrong."""
    if options is None:
        return
    for name, low in (("timeout", 0.001), ("retries", 0), ("delay", 0)):
        if not low <= options[name] <= 86400:
            raise OptionError("health_check.%s is %s; it must be between %g and 86400" % (name, options[name], low))
    if not options["status_codes"] or any(not 100 <= code <= 599 for code in options["status_codes"]):
        raise OptionError("health_check.status_codes must list statuses between 100 and 599")
    url, host = options["url"], options["host"]
    if url is not None and (not _is_address(url) or any(ord(letter) < 33 for letter in url)):
        raise OptionError("health_check.url must be an address that begins with http:// or https://")
    if host is not None and (not host or any(not 32 < ord(letter) < 127 for letter in host)):
        raise OptionError("health_check.host is no name of a host")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def address_of(label: str, row: Row, options: Options) -> Check:
    """What to ask: the address that is given, or the first domain of the application that is on.

    :raises OptionError: there is neither.
    """
    if options["url"] is not None:
        return Check(label, options["url"])
    domains = [item for item in row.get("domains") or [] if item.get("enabled") is not False and item.get("host")]
    if not domains:
        raise OptionError("health_check needs a url, since %s has no domain" % label)
    first = min(domains, key=lambda item: str(item.get("createdAt")))
    scheme = "https" if first.get("https") else "http"
    path = str(first.get("path") or "")
    return Check(label, "%s://%s%s" % (scheme, first["host"], path if path.startswith("/") else "/" + path))


def check_health(
    checks: Sequence[Check], options: Options, waiter: Waiter
) -> List[Union[Dict[str, Any], DokployError]]:
    """For each address the status that it answered, or the error; all are tried in turns."""
    found: List[Optional[Answer]] = [None] * len(checks)
    seen = [""] * len(checks)
    for attempt in range(options["retries"] + 1):
        if attempt:
            waiter.sleep(options["delay"])
        for number, check in enumerate(checks):
            if found[number] is None:
                found[number], seen[number] = _ask(check, options)
        if all(one is not None for one in found):
            break
        waiter.progress("waiting for %s" % ", ".join(c.label for c, one in zip(checks, found) if one is None), "health")
    return [_unhealthy(check, last, options) if one is None else one for check, one, last in zip(checks, found, seen)]


def _ask(check: Check, options: Options) -> Any:
    status, why = probe(
        check.url,
        host=options["host"],
        timeout=options["timeout"],
        validate_certs=options["validate_certs"],
        follow_redirects=options["follow_redirects"],
    )
    if status in options["status_codes"]:
        return {"url": hide_credentials(check.url), "status": status}, ""
    return None, "HTTP %s" % status if status is not None else why


def _unhealthy(check: Check, last: str, options: Options) -> DokployError:
    url, count = hide_credentials(check.url), options["retries"] + 1
    return NotHealthy(
        "%s does not answer as it should: %s gave %s after %d attempt%s"
        % (check.label, url, last, count, "" if count == 1 else "s"),
        hint="It is deployed and runs. The statuses that are well are in health_check.status_codes.",
        details={"health": {"url": url, "status": None, "error": last}},
    )
