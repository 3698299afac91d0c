# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How much the tests try that have more to try than ``make test`` has time for.

With ``DOKPLOY_TEST_THOROUGH=1``, which ``make test-all`` sets, they try more. ``DOKPLOY_TEST_EXAMPLES`` is the number
of examples of each."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

import pytest

Case = TypeVar("Case")

EXAMPLES = os.environ.get("DOKPLOY_TEST_EXAMPLES")
THOROUGH = bool(os.environ.get("DOKPLOY_TEST_THOROUGH"))

#: Of a test that takes minutes, beside which another one shows that what it is about works at all.
slow = pytest.mark.skipif(not THOROUGH, reason="takes long: only with DOKPLOY_TEST_THOROUGH=1")


def sampled(cases: Sequence[Case], step: int) -> Sequence[Case]:
    """All cases in C(make test-all), and the first of every C(step) of them in C(make test)."""
    return cases if THOROUGH else cases[::step]


def example_count(quick: int, thorough: int | None = None) -> int:
    """The number of examples of a test.

    :param quick: that of ``make test``.
    :param thorough: that of ``make test-all``; default: the same.
    """
    return int(EXAMPLES or (thorough if THOROUGH and thorough else quick))
