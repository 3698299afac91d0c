# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of what runs against a real server."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tools import real_test
from tools.real_test import Row


def test_where_the_server_is(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="make real"):
        real_test.variables(tmp_path, {"PATH": "/bin"})
    (tmp_path / "environment").write_text(
        "export DOKPLOY_URL=http://127.0.0.1:3940\nexport REAL_REGISTRY_LOGIN='127.0.0.1:5001 user password'\n"
    )
    assert real_test.variables(tmp_path, {"PATH": "/bin", "REAL_IMAGE": "busybox"}) == {
        "DOKPLOY_URL": "http://127.0.0.1:3940",
        "REAL_REGISTRY_LOGIN": "127.0.0.1:5001 user password",
        "REAL_IMAGE": "busybox",
    }
    own = {"DOKPLOY_URL": "http://203.0.113.7:3000", "DOKPLOY_API_KEY": "key"}
    assert real_test.variables(tmp_path, {**own, "HOME": "/"}) == own


def test_rows_of_pytest() -> None:
    cases = ET.fromstring(
        '<testsuite><testcase name="test_export[action]" time="12.3"/>'
        '<testcase name="test_faults[4]" time="1"><failure message="no answer">…</failure></testcase>'
        '<testcase name="test_image"><skipped message="no REAL_IMAGE"/></testcase></testsuite>'
    )
    rows = [real_test.test_row(case) for case in cases]
    assert rows == [
        Row("export", "action", "passed", 12.3),
        Row("faults", "4", "failed", 1.0, "no answer"),
        Row("image", "", "not had", 0.0, "no REAL_IMAGE"),
    ]


def test_failures_come_first() -> None:
    rows = [Row("a", "action", "passed", 2.4), Row("c", "", "not had", note="needs the simulator")]
    table = real_test.table([*rows, Row("b", "module", "failed", 7, "a | b" + "c" * 3)], "0.30.2").splitlines()
    assert table[2:5] == [
        "| b | module | 0.30.2 | failed | 7 | a \\| bccc |",
        "| c |  | 0.30.2 | not had | 0 | needs the simulator |",
        "| a | action | 0.30.2 | passed | 2 |  |",
    ]
    assert table[-1] == "1 passed, 1 failed, 1 not had"
    assert len(real_test.first_line("\n" + "x" * 500)) == 160
