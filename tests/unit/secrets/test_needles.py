# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many texts sought at once: what is found is what a regular expression of them all would find."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._secrets.masking import ANY_CASE, HEAD, Needles

# Few enough characters for texts that overlap, begin with one another and stand beside words.
TEXTS = st.text("abB_ é", max_size=60)
NEEDLES = st.lists(st.text("abB_ é", min_size=1, max_size=12), min_size=1, max_size=6)


def needles(*texts: str, more: int = 0) -> Needles:
    found = Needles()
    found.add(texts)
    found.add(f"something else {number}" for number in range(more))
    return found


def pattern(text: str) -> str:
    if len(text) < HEAD:
        return rf"(?<!\w){re.escape(text)}(?!\w)"
    return f"(?i:{re.escape(text)})" if len(text) >= ANY_CASE else re.escape(text)


@pytest.mark.parametrize("more", [0, 1000])
@given(text=TEXTS, sought=NEEDLES)
def test_it_is_what_a_regular_expression_replaces(text: str, sought: list[str], more: int) -> None:
    longest_first = sorted(sought, key=len, reverse=True)
    expected = re.sub("|".join(pattern(one) for one in longest_first), "*", text)
    assert needles(*sought, more=more).replaced(text, "*") == expected


@pytest.mark.parametrize("more", [0, 1000])
@given(text=TEXTS, sought=NEEDLES)
def test_a_long_one_is_seen_wherever_it_stands(text: str, sought: list[str], more: int) -> None:
    long = [pattern(one) for one in sought if len(one) >= HEAD]
    assert needles(*sought, more=more).any_long(text) == any(re.search(one, text) for one in long)


def test_a_capital_that_is_two_small_letters_moves_nothing() -> None:
    assert needles("sesame-sesame").replaced("İİ SESAME-sesame İ", "*") == "İİ * İ"
