# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of the collection a release of Dokploy is too old for, as the documentation of the modules has it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dokploy_simulator.api.release_folders import version_key
from tools.documents import documented
from tools.workspace import ROOT

ITSELF = ""
_OPTION = re.compile(r"\bNeeds Dokploy (\d+\.\d+\.\d+) or newer\.")
_MODULE = re.compile(r"\b(?:For this module,|Creating an? \w+ needs) Dokploy (\d+\.\d+\.\d+) or newer\.")


@functools.cache
def _table() -> dict[str, dict[str, str]]:
    """Module, without C(dokploy_) → option, or C(ITSELF) → the first release that has it.

    A suboption has a dotted path. What needs no newer release than the collection itself is not in it.
    """
    modules = sorted(path.stem for path in (ROOT / "plugins/modules").glob("dokploy_*.py"))
    return {module.removeprefix("dokploy_"): dict(_needed(documented(module))) for module in modules}


def _needed(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _first(ITSELF, [*content.get("requirements", ()), *content.get("notes", ())], _MODULE)
    yield from _of_options(content.get("options", {}), ())


def _of_options(options: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name, option in options.items():
        lines = option["description"]
        yield from _first(".".join((*above, name)), [lines] if isinstance(lines, str) else lines, _OPTION)
        yield from _of_options(option.get("suboptions", {}), (*above, name))


def _first(path: str, lines: Sequence[str], words: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    for match in words.finditer(" ".join(" ".join(lines).split())):
        yield path, match[1]


def lacking(version: str) -> dict[str, dict[str, Any]]:
    """What a release lacks: C(modules), and by module C(options) of the others, each with the first release with it."""
    # A fork has more behind it.
    own = version_key(version.partition("-")[0])
    newer = {
        module: {path: first for path, first in needed.items() if version_key(first) > own}
        for module, needed in _table().items()
    }
    return {
        "modules": {module: needed[ITSELF] for module, needed in newer.items() if ITSELF in needed},
        "options": {module: needed for module, needed in newer.items() if needed and ITSELF not in needed},
    }
