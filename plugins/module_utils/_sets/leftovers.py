# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The records of backups and jobs that a killed run leaves, which their names tell. Pure."""

from __future__ import annotations

from typing import Any, Mapping

from .._resources.backups.coverage import Service
from .._resources.jobs.run import PREFIX as JOBS
from .scratch import is_of

Row = Mapping[str, Any]


def is_job_of(row: Row, service: Service) -> bool:
    """Whether an application is a job that a set has made for a service."""
    name = str(row.get("name"))
    return name.startswith(JOBS) and is_of(name[len(JOBS) :], service)
