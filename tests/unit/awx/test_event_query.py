# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit queries are of modules that exist, and of all that manage what runs."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from tests.support.operations import MANAGED

ROOT = Path(__file__).resolve().parents[3]
QUERIES = yaml.safe_load((ROOT / "extensions/audit/event_query.yml").read_text())


def test_every_module_that_manages_what_runs_has_a_query() -> None:
    runs = {managed.name for managed in MANAGED if managed.resource.runs}
    assert set(QUERIES) == {f"community.dokploy.dokploy_{name}" for name in runs | {"server", "deployment"}}


def test_a_query_names_the_id_that_the_module_documents() -> None:
    for name, entry in QUERIES.items():
        assert set(entry) == {"query"}
        module = (ROOT / "plugins/modules" / (name.rpartition(".")[2] + ".py")).read_text()
        returned = yaml.safe_load(module.partition('RETURN = r"""')[2].partition('"""')[0])
        for path, option in re.findall(r"\.(\w+) \| select\(type == \"object\" and \(\.(\w+) ", entry["query"]):
            assert option in returned[path]["contains"]
        for option in re.findall(r"if \(\.(\w+) \| type\)", entry["query"]):
            assert option in returned and option in returned["deployments"]["contains"]
