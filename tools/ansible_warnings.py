# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The warnings that Ansible prints: a test run fails on each that it does not expect."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import yaml

MARK = re.compile(r"\[(?:DEPRECATION )?WARNING\]: ")
# Comes with each warning of a deprecation, and never alone.
BESIDE = "Deprecation warnings can be disabled"
# How much of the output after a mark may belong to it, as far as there is no other mark.
LONGEST = 2000


def unexpected(output: str, expected: Iterable[str] = ()) -> list[str]:
    """The warnings in the output of Ansible that hold none of the expected texts, each once.

    Ansible breaks lines anywhere, and a nested run is quoted in the result of the task that runs it, so blanks and line
    breaks do not count.
    """
    texts = [_squeezed(text) for text in (*expected, BESIDE)]
    starts = [mark.start() for mark in MARK.finditer(output)]
    seen: dict[str, str] = {}
    for start, end in zip(starts, [*starts, len(output)][1:], strict=True):
        window = output[start : min(end, start + LONGEST)]
        squeezed = _squeezed(window)
        if not any(text in squeezed for text in texts):
            seen.setdefault(squeezed[:150], " ".join(window.replace("\\n", " ").split())[:200])
    return list(seen.values())


def listed(file: Path) -> list[str]:
    """The texts of a list of expected warnings: a YAML list of C({text, reason}), or none where there is no file."""
    if not file.exists():
        return []
    rows = yaml.safe_load(file.read_text())
    for row in rows:
        assert set(row) == {"text", "reason"} and all(row.values()), f"{file}: {row}"
    return [row["text"] for row in rows]


def _squeezed(text: str) -> str:
    return re.sub(r"\\n|\s", "", text)
