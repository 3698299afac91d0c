# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The minimal writes that create the benchmark's applications, as a bare script with one keep-alive session."""

from __future__ import annotations

import os
import sys
from typing import Any

import requests


def main() -> None:
    """Read the projects once, and send four writes for each application."""
    base, project, count = sys.argv[1] + "/api/", sys.argv[2], int(sys.argv[3])
    with requests.Session() as session:
        session.headers["x-api-key"] = os.environ["DOKPLOY_API_KEY"]

        def write(procedure: str, **body: Any) -> Any:
            answer = session.post(base + procedure, json=body, timeout=30)
            answer.raise_for_status()
            return answer.json()

        projects = session.get(base + "project.all", timeout=30).json()
        (home,) = [row["environments"][0]["environmentId"] for row in projects if row["name"] == project]
        for number in range(count):
            name = f"app-{number:03d}"
            resource_id = write("application.create", name=name, environmentId=home)["applicationId"]
            fields = {"sourceType": "docker", "dockerImage": "nginx:1.27", "replicas": 2, "env": "A=1\nB=two words"}
            write("application.update", applicationId=resource_id, **fields)
            write("domain.create", applicationId=resource_id, host=name + ".example.com")
            mount = {"type": "volume", "volumeName": "data", "mountPath": "/data"}
            write("mounts.create", serviceId=resource_id, serviceType="application", **mount)


if __name__ == "__main__":
    main()
