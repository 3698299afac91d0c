# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What depends on a file, and which tests make quick runs for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.effort import THOROUGH
from tools import check, quick, sanity, workspace
from tools.import_graph import ImportGraph

COLLECTION = "ansible_collections.community.dokploy.plugins"
FILES = {
    "conftest.py": "",
    "docs/guide.rst": "",
    "playbooks/one.yml": "",
    "plugins/module_utils/_values/__init__.py": "",
    "plugins/module_utils/_values/codec.py": "",
    "plugins/module_utils/_values/names.py": "from .codec import WORDS",
    "plugins/module_utils/_resources/tag.py": "def f():\n    from .._values import names",
    "plugins/modules/dokploy_tag.py": f"import {COLLECTION}.module_utils._resources.tag",
    "simulator/src/dokploy_simulator/__init__.py": "from .facts import FACTS",
    "simulator/src/dokploy_simulator/facts.py": "path = here / 'facts.json'",
    "simulator/src/dokploy_simulator/facts.json": "",
    "tests/support/all.py": f"import_module('{COLLECTION}.modules.' + name)",
    "tests/unit/conftest.py": "",
    "tests/unit/test_codec.py": f"from {COLLECTION}.module_utils._values.codec import WORDS",
    "tests/unit/test_data.py": "text = ROOT / 'docs/guide.rst'\nplays = ROOT / 'playbooks' / (name + '.yml')",
    "tests/unit/test_package.py": f"from {COLLECTION}.module_utils import _values",
    "tests/unit/test_simulator.py": "import dokploy_simulator",
    "tests/unit/test_tag.py": "run('dokploy_tag', 'a tag', 'docs', 'other.yml')",
    "tests/unit/test_walk.py": "from tests.support import all",
}


@pytest.fixture
def graph(tmp_path: Path) -> ImportGraph:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return ImportGraph(tmp_path, [*FILES, "plugins/module_utils/_values/removed.py"])


@pytest.mark.parametrize(
    ("changed", "tests"),
    [
        ("plugins/module_utils/_values/codec.py", {"codec": 1, "tag": 4, "walk": 5}),
        ("plugins/module_utils/_resources/tag.py", {"tag": 2, "walk": 3}),
        ("plugins/modules/dokploy_tag.py", {"tag": 1, "walk": 2}),
        ("plugins/module_utils/_values/__init__.py", {"package": 1}),
        ("plugins/module_utils/_values/removed.py", {}),
        ("simulator/src/dokploy_simulator/facts.json", {"simulator": 3}),
        ("docs/guide.rst", {"data": 1}),
        ("playbooks/one.yml", {"data": 1}),
        ("tests/unit/test_codec.py", {"codec": 0}),
    ],
)
def test_a_test_depends_on_what_it_imports_or_names(graph: ImportGraph, changed: str, tests: dict[str, int]) -> None:
    found = graph.distances([changed])
    assert {name[16:-3]: steps for name, steps in found.items() if name.startswith("tests/unit/test_")} == tests


def test_all_tests_below_depend_on_a_conftest(graph: ImportGraph) -> None:
    tests = {name for name in FILES if name.startswith("tests/unit/test_")}
    assert graph.distances(["tests/unit/conftest.py"]).keys() >= tests
    assert graph.distances(["conftest.py"]).keys() >= tests


def test_what_a_removed_file_had_is_missed_by_its_users(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools/user.py").write_text("from tools import removed")
    assert ImportGraph(tmp_path, ["tools/user.py", "tools/removed.py"]).distances(["tools/removed.py"]) == {
        "tools/removed.py": 0,
        "tools/user.py": 1,
    }


def test_a_word_stands_alone() -> None:
    for text in ("test_it[tag-name]", "test_it[dokploy_tag]", "test_it[Tag]"):
        assert quick.has_word(["tag"], text)
    assert quick.has_word(["basic_auth"], "test_it[basic-auth-of-application]")
    assert not quick.has_word(["tag"], "test_staging")


DESCRIPTIONS = """
DOMAIN = child("domain", "domain", Field("host", "host"))
TAG = Resource(name="tag", scope="instance")
"""


def test_a_description_is_about_its_resources_and_children() -> None:
    folder = "plugins/module_utils/_resources"
    assert quick.described(f"{folder}/routing.py", DESCRIPTIONS) == {"domain", "tag"}
    assert quick.described(f"{folder}/dns_provider.py", "") == {"dns_provider"}
    assert quick.described(f"{folder}/__init__.py", DESCRIPTIONS) == set()
    assert quick.described("plugins/module_utils/_engine/diff.py", DESCRIPTIONS) == set()
    assert quick.described("plugins/modules/dokploy_api_key_info.py", "") == {"api_key"}
    assert quick.described("plugins/action/dokploy_application_action.py", "") == {"application"}


@pytest.fixture(scope="module")
def checkout() -> tuple[ImportGraph, dict[str, str]]:
    if not THOROUGH:
        pytest.skip("takes several seconds, for a tool that no check runs")
    names = workspace.tracked_files()
    tests = {name: (workspace.ROOT / name).read_text() for name in names if quick.TEST.match(name)}
    return ImportGraph(workspace.ROOT, names), tests


def planned(checkout: tuple[ImportGraph, dict[str, str]], *changed: str) -> quick.Plan:
    graph, tests = checkout
    return quick.planned(graph, changed, tests | {name: (workspace.ROOT / name).read_text() for name in changed})


def test_a_description_runs_the_tests_of_its_resource(checkout: tuple[ImportGraph, dict[str, str]]) -> None:
    plan = planned(checkout, "plugins/module_utils/_resources/projects/tag.py")
    assert plan.tests["tests/component/resources/test_tag.py"] == ()
    for walking in ("every_option", "bad_input", "documentation", "generated_states", "invalid_responses"):
        assert plan.tests[f"tests/component/test_{walking}.py"] == ("tag",)
    assert plan.left == []


def test_what_all_share_runs_its_own_tests_and_a_sample(checkout: tuple[ImportGraph, dict[str, str]]) -> None:
    plan = planned(checkout, "plugins/module_utils/_engine/diff.py")
    assert plan.tests["tests/unit/engine/test_diff.py"] == ()
    assert plan.tests["tests/component/test_every_option.py"] == quick.SAMPLE
    assert plan.left
    assert not set(plan.left) & set(plan.tests)


def test_a_test_that_changed_runs_whole(checkout: tuple[ImportGraph, dict[str, str]]) -> None:
    changed = "tests/component/test_every_option.py"
    assert planned(checkout, changed).tests[changed] == ()


@pytest.mark.parametrize(
    ("left", "counts", "line"),
    [
        ([], {}, "passed, without a test"),
        ([], {"passed": 80, "collected": 80}, "passed, 80 of 80 tests"),
        ([], {"passed": 12, "collected": 80}, "passed, 12 of 80 tests"),
        (["a", "b"], {"passed": 80, "collected": 80}, "passed, 80 of 80 tests, and none of 2 more files of tests"),
    ],
)
def test_the_last_line_says_how_many_tests_passed(left: list[str], counts: dict[str, int], line: str) -> None:
    assert quick.passed(quick.Plan(left=left), counts) == line


def test_tests_that_are_left_out_or_skipped_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not THOROUGH:
        pytest.skip("takes several seconds, for a tool that no check runs")
    monkeypatch.setattr(quick, "COUNTS", tmp_path / "counts.json")
    plan = quick.Plan({"tests/unit/test_shared_random.py": (), "tests/unit/tools/test_site.py": ("nothing",)})
    assert check.failed_steps(quick.tests(plan, seconds=600)) == []
    some = json.loads(quick.COUNTS.read_text())
    assert 0 < some["passed"] < some["collected"]
    assert check.failed_steps(quick.tests(plan, seconds=0)) == []
    assert json.loads(quick.COUNTS.read_text()) == {**some, "passed": 0}


def test_what_functions_import_is_not_loaded(graph: ImportGraph) -> None:
    assert graph.loaded("plugins/module_utils/_values/names.py") == {
        "plugins/module_utils/_values/names.py",
        "plugins/module_utils/_values/codec.py",
    }
    tag = "plugins/module_utils/_resources/tag.py"
    assert graph.loaded("plugins/modules/dokploy_tag.py") == {"plugins/modules/dokploy_tag.py", tag}


def test_sanity_imports_few_files_that_load_all_that_is_shared(checkout: tuple[ImportGraph, dict[str, str]]) -> None:
    graph, _tests = checkout
    few = sanity.importing(graph)
    alike = ("plugins/modules/", "plugins/action/", "plugins/module_utils/_resources/")
    shared = {name for name in graph.names if name.startswith("plugins/") and name.endswith(".py")}
    shared -= {name for name in shared if name.startswith(alike) or name.endswith("__init__.py")}
    assert shared <= set().union(*map(graph.loaded, few))
    assert len(few) == len(set(few)) < 40
