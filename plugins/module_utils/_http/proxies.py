# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a proxy of the environment says when it lets nothing through."""

from __future__ import annotations

import re
from typing import Optional, Tuple

HINT = "Check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, or name the host in NO_PROXY."
ASKS = "the proxy of the environment asks for credentials (HTTP 407)"
ASKS_HINT = "Write them into its variable, as http://user:password@proxy:3128, or name the host in NO_PROXY."

# http.client knows nothing but an OSError for it.
_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")


def tunnel_status(error: object) -> Optional[int]:
    """The status with which a proxy refused to make a tunnel, if that is what the error says."""
    found = _TUNNEL.match(str(error)) if isinstance(error, OSError) else None
    return int(found.group(1)) if found else None


def tunnel_refused(error: object) -> Optional[Tuple[str, str]]:
    """The same in words, and what to do. Nothing was sent to the server then."""
    status = tunnel_status(error)
    if status is None:
        return None
    if status == 407:
        return ASKS, ASKS_HINT
    return "the proxy of the environment makes no connection to it (HTTP %d)" % status, HINT
