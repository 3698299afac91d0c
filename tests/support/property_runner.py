# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a property: how many examples it gets, and which ones."""

from __future__ import annotations

import warnings
import zlib
from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisWarning

from tests.support.effort import EXAMPLES, example_count


def enough(seen: Counter[str]) -> bool:
    """Whether so many examples say how often an outcome comes."""
    return sum(seen.values()) >= 8


def run_property(
    name: str, strategy: st.SearchStrategy[Any], test: Callable[[Any], str], examples: int = 10
) -> Counter[str]:
    """Run a test with generated values, which its name alone decides. Return how often it had which outcome.

    ``DOKPLOY_TEST_EXAMPLES`` sets the number of examples; with it they differ each time.

    :param test: returns the outcome of the example as a word.
    :param examples: the number of examples without that variable in ``make test-all``; ``make test`` has a sixth of
        them.
    """
    seen: Counter[str] = Counter()

    def counted(value: Any) -> None:
        seen[test(value)] += 1

    wrapped = settings(
        max_examples=example_count(max((examples + 5) // 6, 2), examples),
        database=None,
        deadline=None,
        # Without shrinking, which takes minutes where every example is dozens of requests.
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )(given(strategy)(counted))
    with warnings.catch_warnings():
        # That a strategy or an example is large does not make it wrong.
        warnings.simplefilter("ignore", HypothesisWarning)
        (wrapped if EXAMPLES else seed(zlib.crc32(name.encode()))(wrapped))()
    print(f"{name}: {dict(seen)}")
    return seen
