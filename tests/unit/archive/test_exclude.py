# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Patterns as in a .gitignore: what they leave out and take back, compared with Git."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._archive.exclude import IgnorePatterns
from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from tests.support.effort import example_count

# A path that ends with a slash is a folder.
CASES: list[tuple[list[str], list[str], list[str]]] = [
    # patterns, left out, kept
    ([], [], ["a", "a/b", ".git"]),
    (["# a", "", "   ", "#b"], [], ["a", "# a", "#b", " "]),
    (["a"], ["a", "a/", "b/a", "a/b/c"], ["ab", "A", "b/ab"]),
    (["*.log"], ["x.log", "a/x.log", ".log", "x.log/y"], ["x.log2", "xlog"]),
    (["?.c"], ["a.c", "é.c", "x/b.c"], [".c", "ab.c"]),
    (["/a"], ["a", "a/b"], ["b/a"]),
    (["a/b"], ["a/b", "a/b/c"], ["b", "x/a/b", "a/c"]),
    (["a/*"], ["a/b", "a/b/c"], ["a/", "x/a/b"]),
    (["a/*.c"], ["a/x.c"], ["a/b/x.c", "x.c"]),
    (["a/"], ["a/", "a/b", "x/a/"], ["a", "x/a"]),
    (["/a/"], ["a/", "a/b"], ["a", "x/a/"]),
    (["**"], ["a", "a/b"], []),
    (["**/a"], ["a", "x/a", "x/y/a"], ["xa"]),
    (["a/**"], ["a/b", "a/b/c"], ["a/", "x/a/b"]),
    (["a/**/b"], ["a/b", "a/x/b", "a/x/y/b"], ["b", "a/xb", "x/a/b"]),
    (["**/a/b"], ["a/b", "x/a/b"], ["b", "a/x/b"]),
    (["/**/a"], ["a", "x/y/a"], ["xa"]),
    (["a**b"], ["ab", "axb", "x/ayyb"], ["a/b"]),
    (["x/a**b"], ["x/ab", "x/a12b"], ["x/a/b"]),
    (["a/***/b"], ["a/b", "a/x/y/b"], ["ab"]),
    # After a literal text, "**" is a whole step, too.
    (["a**/b"], ["ab", "ax/b", "a/b", "a/x/b", "ax/y/b"], ["axb", "b", "x/ab"]),
    (["/a**", "!/ab"], ["a", "ac", "ab/c"], ["ab", "b", "x/a"]),
    (["a**//b", "c**//", "d**/.", "e***/./b"], ["a/b", "c/", "d.", "e./b"], ["ax/b", "ab", "c", "cx/", "d/x"]),
    (["?**/b"], ["xy/b", "x/b"], ["xb", "x/y/b"]),
    (["[a-c]"], ["a", "b", "x/c"], ["d", "-", "ab"]),
    (["[!a-c]"], ["d", "-"], ["a", "b"]),
    (["[^a]"], ["b"], ["a"]),
    (["[]a]", "[a-]x"], ["]", "a", "ax", "-x"], ["b", "bx"]),
    (["[]-a]"], ["]", "^", "a"], ["-", "b"]),
    (["[!]a]"], ["b"], ["]", "a"]),
    (["[a\\]b]"], ["]", "a", "b"], ["\\", "c"]),
    (["[a-\\c]"], ["a", "b", "c"], ["\\", "-"]),
    (["[[:digit:]_][[:upper:]]"], ["1A", "_Z"], ["AA", "1a", ":A"]),
    (["[[:]"], ["[", ":"], ["]", "a"]),
    (["[&-&|~-~^]"], ["&", "|", "~", "^"], ["-", "a"]),
    (["x[/]y", "x[!a]y", "[]//.]"], ["xby", "]", "."], ["x/y", "xay"]),
    (["\\#a", "\\!b", "\\*", "\\a"], ["#a", "!b", "*", "a"], ["b", "x", "\\*"]),
    (["a.b", "(c)", "d+", "$e", "{f}"], ["a.b", "(c)", "d+", "$e", "{f}"], ["axb", "c", "dd", "e", "f"]),
    (["a  ", "b\\ ", "c\\  "], ["a", "b ", "c "], ["a  ", "b", "b\\ ", "c", "c  "]),
    ([" a", "b\t"], [" a", "b\t"], ["a", "b"]),
    (["*.c", "!a.c"], ["b.c", "x/b.c"], ["a.c", "x/a.c"]),
    (["!a", "a"], ["a"], []),
    (["a", "!a", "a"], ["a"], []),
    (["!#a"], [], ["#a"]),
    (["#a", "\\#a", "!#a"], [], ["#a"]),
    # Nothing can be taken back below a folder that is left out.
    (["a", "!a/b"], ["a/", "a/b"], []),
    (["a/*", "!a/b"], ["a/c"], ["a/b", "a/b/c", "a/"]),
    (["/*", "!/a", "/a/*", "!/a/b"], ["x", "a/c"], ["a/", "a/b", "a/b/c"]),
    (["*", "!a/"], ["a", "a/b", "x/"], ["a/"]),
    (["*", "!*/", "!*.c"], ["a", "a/b"], ["a/", "a/b/", "a/b/x.c"]),
    (["a?b", "c/**"], ["a\nb", "a b", "c/x\ny"], ["ab"]),
]


def excluded(patterns: list[str], path: str) -> bool:
    return left_out(IgnorePatterns(patterns), path.rstrip("/"), path.endswith("/"))


def left_out(exclusions: IgnorePatterns, path: str, is_folder: bool) -> bool:
    """Whether a walk from the top leaves a path out, either by itself or with a folder above it."""
    names = path.split("/")
    above = ("/".join(names[:end]) for end in range(1, len(names)))
    return any(exclusions.matches(folder, True) for folder in above) or exclusions.matches(path, is_folder)


@pytest.mark.parametrize(("patterns", "out", "kept"), CASES, ids=[" ".join(case[0]) or "none" for case in CASES])
def test_patterns(patterns: list[str], out: list[str], kept: list[str]) -> None:
    assert {path: excluded(patterns, path) for path in out} == dict.fromkeys(out, True)
    assert {path: excluded(patterns, path) for path in kept} == dict.fromkeys(kept, False)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("[a", "has a [ without a ]"),
        ("a[!]", "has a [ without a ]"),
        ("[]", "has a [ without a ]"),
        ("[[:alpha:]", "has a [ without a ]"),
        ("[a\\", "has a [ without a ]"),
        ("a\\", "ends with a backslash"),
        ("[c-a]", "has a range that runs backwards, c-a"),
        ("[[:letter:]]", "has [:letter:], which is no class"),
        ("a\0b", "has a NUL character"),
        ("a\nb", "has a NUL character or a line break"),
        ("/", "has a step that no path has"),
        ("!", "has a step that no path has"),
        ("!/", "has a step that no path has"),
        ("./a", "has a step that no path has"),
        ("../a", "has a step that no path has"),
        ("a/../b", "has a step that no path has"),
        ("a//b", "has a step that no path has"),
        ("\\./a", "has a step that no path has"),
        ("**//a", "has a step that no path has"),
        ("**//", "has a step that no path has"),
        ("a/**//b", "has a step that no path has"),
        ("a*//b", "has a step that no path has"),
        ("a**\\//", "has a step that no path has"),
        (".**//", "has a step that no path has"),
        ("a//", "has a step that no path has"),
    ],
)
def test_invalid_patterns_are_refused(pattern: str, words: str) -> None:
    with pytest.raises(OptionError) as caught:
        IgnorePatterns(["fine", pattern])
    assert str(caught.value).startswith("exclude: %r %s" % (pattern, words))


def test_many_stars_take_no_exponential_time() -> None:
    """An engine that tries each place for each star would take years."""
    name = "a" * 200
    for pattern in ("*a" * 40 + "b", "x/" + "*[ab]" * 40 + "c", "x/**/" + "*?" * 40 + "/b"):
        exclusions = IgnorePatterns([pattern])
        assert not exclusions.matches(f"x/{name}", False)
    assert IgnorePatterns(["*a" * 40 + "b"]).matches(name + "b", False)
    assert not IgnorePatterns(["*a" * 40 + "b"]).matches("a" * 39 + "b", False)
    assert IgnorePatterns(["x/" + "*[ab]" * 40 + "c*"]).matches(f"x/{name}c{name}", False)


# --- properties ------------------------------------------------------------------------------------------------------

NAMES = st.text(st.characters(exclude_characters="/\0\n", codec="utf-8"), min_size=1, max_size=6).filter(
    lambda name: name not in (".", "..")
)
# All special characters, so that short examples are difficult ones.
PIECES = st.sampled_from(
    ["a", "b", "ab", ".", "-", "#", "!", " ", "*", "**", "?", "/", "/**/", "\\", "[", "]", "[ab]", "[!a]", "[a-b]"]
    + ["[]", "^", "[[:alpha:]", ":]", "[:punct:]"]
)
PATTERNS = st.lists(PIECES, max_size=5).map("".join)


def escaped(name: str) -> str:
    return "".join("\\" + char for char in name)


@given(NAMES, NAMES, st.booleans())
def test_an_escaped_name_matches_itself_and_nothing_else(name: str, other: str, anchored: bool) -> None:
    exclusions = IgnorePatterns([("/" if anchored else "") + escaped(name)])
    assert exclusions.matches(name, False)
    assert exclusions.matches(name, True)
    assert left_out(exclusions, "%s/%s" % (name, other), False)
    assert exclusions.matches(other, False) == (other == name)
    assert left_out(exclusions, "%s/%s" % (other, name), False) == (other == name or not anchored)


# --- git -------------------------------------------------------------------------------------------------------------

FOLDERS = ["", "a/", "a/a/", "a/b/", "a/b/a/", "b/", "-/"]
FILES = ["ab", "a.b", "b.", "[a]", "#a", "!b", "a ", "\\a", "]", "bb-"]


class Repository:
    """A tree of files, and which of them Git ignores."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "HOME": str(root),
        }
        # Without slashes at the end, with which Git would mean something inside a folder.
        self.paths = [folder.rstrip("/") for folder in FOLDERS if folder]
        for folder in FOLDERS:
            (root / folder).mkdir(exist_ok=True)
            for file in FILES:
                (root / folder / file).touch()
                self.paths.append(folder + file)
        subprocess.run(["git", "init", "--quiet"], cwd=root, env=self.environment, check=True)

    def left_out(self, patterns: list[str]) -> set[str]:
        (self.root / ".git/info/exclude").write_text("".join("%s\n" % pattern for pattern in patterns))
        done = subprocess.run(
            ["git", "check-ignore", "--no-index", "--stdin", "-z"],
            cwd=self.root,
            env=self.environment,
            input="".join("%s\0" % path for path in self.paths).encode(),
            stdout=subprocess.PIPE,
            check=False,
        )
        assert done.returncode in (0, 1)
        return set(done.stdout.decode().split("\0")) - {""}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    return Repository(tmp_path_factory.mktemp("repository"))


@example(["a/*", "!a/b", "a/b/*", "!a/b/ab"])
@example(["**/b", "!/b"])
@example(["*", "!*/", "!ab"])
@example(["[!/]b"])
@example(["\\!b", "\\#a", "a\\ ", "\\\\a"])
@example(["**\\/a"])
@example(["[]]", "[[]a[]]", "b[.-]"])
@example(["a**/a"])
@example(["a**//"])
@example(["a**//b"])
@example(["/a**", "!/ab"])
@example(["a**/.b"])
@example(["a\\b**/a", "?**/b"])
@given(st.lists(PATTERNS, min_size=1, max_size=4))
@settings(max_examples=example_count(60, 120))
def test_git_agrees(repository: Repository, patterns: list[str]) -> None:
    try:
        exclusions = IgnorePatterns(patterns)
    except OptionError:
        # Git matches nothing with a refused pattern, except for a set with an empty range beside others.
        for pattern in patterns:
            try:
                IgnorePatterns([pattern])
            except OptionError as error:
                assert "runs backwards" in str(error) or repository.left_out([pattern]) == set()
        return
    ours = {path for path in repository.paths if left_out(exclusions, path, (repository.root / path).is_dir())}
    assert ours == repository.left_out(patterns)
