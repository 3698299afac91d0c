# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files for AWX in C(playbooks/awx), as data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parents[2] / "playbooks/awx"
PROJECT = FOLDER / "project"


def load(name: str) -> Any:
    """The content of a file of the folder, by its path without C(.yml)."""
    return yaml.safe_load((FOLDER / (name + ".yml")).read_text())


INPUTS: dict[str, Any] = load("credential_type/inputs")
INJECTORS: dict[str, Any] = load("credential_type/injectors")


def _with_surveys(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["name"]: {**row, "survey_spec": load("surveys/" + row["survey"])} for row in rows}


def job_templates() -> dict[str, dict[str, Any]]:
    """The job templates by name, each with its survey as C(survey_spec)."""
    return _with_surveys(load("job_templates"))


def workflows() -> dict[str, dict[str, Any]]:
    """The workflows by name, each with its survey as C(survey_spec)."""
    return _with_surveys(load("workflows"))
