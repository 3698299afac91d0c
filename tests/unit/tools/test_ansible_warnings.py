# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of Ansible's warnings fail a test run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.ansible_warnings import listed, unexpected

OUTPUT = """\
TASK [one] *****
[WARNING]: Check mode assumes that an earlier task
creates it, whatever that
is.
ok: [localhost] => {"stderr": "[DEPRECATION WARNING]: Something is\\n deprecated.", "warnings": ["quoted"]}
[WARNING]: Check mode assumes that an earlier task creates it, whatever that is.
"""
CHECK = "assumes that an earlier task creates it"


def test_every_warning_is_found_once_however_its_lines_are_broken() -> None:
    check, deprecated, again = unexpected(OUTPUT)
    assert check.startswith("[WARNING]: Check mode assumes that an earlier task creates it, whatever that is.")
    assert deprecated.startswith("[DEPRECATION WARNING]: Something is deprecated.")
    assert again == check[: len(again)]


@pytest.mark.parametrize(
    ("expected", "left"), [([], 3), ([CHECK], 1), (["Something is deprecated"], 2), ([CHECK, "is deprecated."], 0)]
)
def test_what_is_expected_is_left_out(expected: list[str], left: int) -> None:
    assert len(unexpected(OUTPUT, expected)) == left


def test_an_output_without_warnings_has_none() -> None:
    assert unexpected("ok: [localhost]\n") == []


def test_a_list_gives_a_reason_for_each(tmp_path: Path) -> None:
    file = tmp_path / "warnings.yml"
    assert listed(file) == []
    file.write_text("- {text: a, reason: b}\n")
    assert listed(file) == ["a"]
    file.write_text("- {text: a}\n")
    with pytest.raises(AssertionError, match="warnings.yml"):
        listed(file)
