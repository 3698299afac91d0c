# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The minimal reads and writes that change a variable of the benchmark's applications, as a bare script."""

from __future__ import annotations

import os
import sys

import requests


def main() -> None:
    """Read the tree once, and read and write each application once."""
    base, value = sys.argv[1] + "/api/", sys.argv[2]
    with requests.Session() as session:
        session.headers["x-api-key"] = os.environ["DOKPLOY_API_KEY"]
        tree = session.get(base + "project.all", timeout=30).json()
        for application in tree[0]["environments"][0]["applications"]:
            query = {"applicationId": application["applicationId"]}
            session.get(base + "application.one", params=query, timeout=30).json()
            body = {**query, "env": f"A={value}\nB=two words"}
            session.post(base + "application.update", json=body, timeout=30).raise_for_status()


if __name__ == "__main__":
    main()
