# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Redirects, which are never followed: the address to use instead."""

from __future__ import annotations

import re
from typing import Mapping
from urllib.parse import urljoin, urlsplit

from ansible_collections.community.dokploy.plugins.module_utils._api.error_mapping import Context
from ansible_collections.community.dokploy.plugins.module_utils._errors import RedirectError


def redirect(status: int, headers: Mapping[str, str], context: Context) -> RedirectError:
    """The error for a redirect: names the address to use, without the procedure, and never a credential."""
    return RedirectError(
        "%s on %s is redirected (HTTP %d); the key is not sent on" % (context.procedure, context.host, status),
        hint=_advice(headers.get("Location") or "", context),
        procedure=context.procedure,
        status=status,
    )


def _advice(location: str, context: Context) -> str:
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
