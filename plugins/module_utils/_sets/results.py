# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What has come of a set so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, List, Mapping, Optional

from .._resources.archive_kinds.fingerprints import Fingerprint
from .._resources.backups.checks import Check
from .._resources.backups.coverage import Service
from .items import Item, Left

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Saved:
    """An archive that is there.

    :param file: as results show files. :param at_rest: whether nothing wrote meanwhile.
    :param definers: who owns its views and routines, where that is known.
    :param fingerprint: what was seen of its data; C(None) if that was not looked at.
    """

    item: Item
    file: Row
    at_rest: Optional[bool]
    definers: Optional[List[str]]
    fingerprint: Optional[Fingerprint] = None


@dataclass(frozen=True)
class Checked:
    """A check that has run.

    :param output_after: what it said when everything was saved, if it is one with C(BETWEEN).
    """

    service: Service
    check: Check
    image: Optional[str]
    exit_code: Optional[int]
    output: str
    output_after: Optional[str] = None


@dataclass(frozen=True)
class Failure:
    """What was to be saved, or checked, and is not.

    :param item: C(None) for a check, or the service itself.
    :param destination: the name of the one that does not answer.
    """

    service: Service
    item: Optional[Item]
    message: str
    destination: str = ""


@dataclass
class Results:
    """What has come of a set so far. :ivar left: the data that dumps lack."""

    saved: List[Saved] = field(default_factory=list)
    checked: List[Checked] = field(default_factory=list)
    failures: List[Failure] = field(default_factory=list)
    left: List[Left] = field(default_factory=list)
