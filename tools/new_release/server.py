# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The document of a running server, which C(DOKPLOY_URL) and C(DOKPLOY_API_KEY) name."""

from __future__ import annotations

import os
from typing import Any

import requests

from tools.new_release.inputs import Inputs, NoSource, of_document, release

VERSION, DOCUMENT = "settings.getDokployVersion", "settings.getOpenApiDocument"
SECONDS = 60


def is_named() -> bool:
    return bool(os.environ.get("DOKPLOY_URL") and os.environ.get("DOKPLOY_API_KEY"))


def _asked(procedure: str) -> Any:
    url = f"{os.environ['DOKPLOY_URL'].rstrip('/')}/api/{procedure}"
    try:
        response = requests.get(url, headers={"x-api-key": os.environ["DOKPLOY_API_KEY"]}, timeout=SECONDS)
        response.raise_for_status()
        return response.json()
    except (requests.RequestException, ValueError) as error:
        raise NoSource(f"{procedure} of the server that DOKPLOY_URL names: {error}") from None


def version() -> str:
    """The release of the server.

    :raises NoSource: it does not answer.
    """
    return release(str(_asked(VERSION)))


def read() -> Inputs:
    """The inputs by its own document.

    :raises NoSource: it does not answer, or with something else.
    """
    return of_document(_asked(DOCUMENT), f"the document of a server of {version()}")
