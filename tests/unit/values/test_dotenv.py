# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Environment text: the variables of a container, how they are written, and how one of them is changed."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._values.dotenv import (
    LINE,
    LINE_ENDS,
    ignored_lines,
    parse,
    quote,
    render,
    unified,
)
from ansible_collections.community.dokploy.plugins.module_utils._values.dotenv_edit import comments, merge, replace
from tests.support.effort import example_count

# Measured: the stored text, and the environment of the container.
MEASURED = [
    ("A=a b", {"A": "a b"}),
    ('DQ="two words"', {"DQ": "two words"}),
    ("SQ='single $X'", {"SQ": "single $X"}),
    ("HASH=a#b", {"HASH": "a"}),
    ('QH="a # b"', {"QH": "a # b"}),
    ("SP = spaced ", {"SP": "spaced"}),
    ('NL="line1\\nline2"', {"NL": "line1\nline2"}),
    ('REAL="line1\nline2"', {"REAL": "line1\nline2"}),
    ("DUP=1\nDUP=2", {"DUP": "2"}),
    ("#COMMENT=1\nNOEQ\nA=1", {"A": "1"}),
    ("EMPTY=", {"EMPTY": ""}),
    ("DOLLAR=$HOME", {"DOLLAR": "$HOME"}),
    ("SHARED=${{project.K}}", {"SHARED": "${{project.K}}"}),
    ('Q=a"b', {"Q": 'a"b'}),
    ("EQ=a=b=c", {"EQ": "a=b=c"}),
    ("UTF=héllo ❌", {"UTF": "héllo ❌"}),
    ("BS=a\\b", {"BS": "a\\b"}),
]

# Texts that a line-by-line parser reads differently from npm's dotenv.
TRICKY = [
    ("", {}),
    (None, {}),
    ("\ufeffA=1", {"A": "1"}),
    ("A=1\r\nB=2\rC=3\n", {"A": "1", "B": "2", "C": "3"}),
    ("export A=1", {"A": "1"}),
    ("  export   A = 1 ", {"A": "1"}),
    ("exportA=1", {"exportA": "1"}),
    ("export=1", {"export": "1"}),
    ("A: 1", {"A": "1"}),
    ("A:1", {}),
    ("A.B-C_9=1", {"A.B-C_9": "1"}),
    ("A B=1", {}),
    ("=1", {}),
    ("9=1", {"9": "1"}),
    ("A = ", {"A": ""}),
    ("A=#x", {"A": ""}),
    ("A= # x", {"A": ""}),
    ('A=1 # it\'s "x"', {"A": "1"}),
    ('A="1" # "2"', {"A": "1"}),
    ("A='1'#x", {"A": "1"}),
    ("A='it\\'s'", {"A": "it\\'s"}),
    ('A="say \\"hi\\""', {"A": 'say \\"hi\\"'}),
    ('A=`it\'s "x"`', {"A": 'it\'s "x"'}),
    ("A='a\\nb'", {"A": "a\\nb"}),
    ("A=`a\\nb`", {"A": "a\\nb"}),
    ("A=a\\nb", {"A": "a\\nb"}),
    ('A="a\\rb"', {"A": "a\rb"}),
    ('A="a\\tb"', {"A": "a\\tb"}),
    ('A=""', {"A": ""}),
    ("A=''", {"A": ""}),
    ("A=' x '", {"A": " x "}),
    ("A='x", {"A": "'x"}),
    ("A='x\nB=y'", {"A": "x\nB=y"}),
    ("A=\"x' \nB=1", {"A": "\"x'", "B": "1"}),
    ("A='x' y", {"A": "'x' y"}),
    # The blanks before a quoted value may hold line ends.
    ("A=\n'x'", {"A": "x"}),
    ("A=\nB=1", {"A": "", "B": "1"}),
    ("A\n=1", {"A": "1"}),
    # JavaScript ends a line here too, but a bare value runs on.
    ("A='1'\u2028B=2", {"A": "1", "B": "2"}),
    ("A=1\u2028B=2", {"A": "1\u2028B=2"}),
    ("A=\u00a01\u3000", {"A": "1"}),
    # White space in Python, not in JavaScript.
    ("A=\x1c1\x1c", {"A": "\x1c1\x1c"}),
    ("A=\x851", {"A": "\x851"}),
    ("A=1\x0bB=2", {"A": "1\x0bB=2"}),
]


@pytest.mark.parametrize(("text", "variables"), MEASURED + TRICKY)
def test_parse(text: str | None, variables: dict[str, str]) -> None:
    assert parse(text) == variables


def test_parse_keeps_the_order_of_the_text() -> None:
    assert list(parse("B=1\nA=2\nC=3\nA=4")) == ["B", "A", "C"]


@pytest.mark.parametrize("name", ["A", "a.b-c_9", "9", "-"])
def test_valid_names(name: str) -> None:
    assert render({name: "1"}) == f"{name}=1"


@pytest.mark.parametrize("name", ["", "A B", "A=", "é", "A\n", "\nA", "A#", "$A"])
def test_invalid_names(name: str) -> None:
    with pytest.raises(ValueError, match="is not the name of a variable"):
        render({name: "1"})
    with pytest.raises(ValueError, match="is not the name of a variable") as caught:
        render({name: "the-value"})
    assert "the-value" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "spelling"),
    [
        ("", ""),
        ("plain", "plain"),
        ("two words", "two words"),
        ("a=b", "a=b"),
        ("a#b", '"a#b"'),
        (" x", '" x"'),
        ("x ", '"x "'),
        ('a"b', 'a"b'),
        ('a"#b', "'a\"#b'"),
        ("'\"#", "`'\"#`"),
        ("a\nb", '"a\nb"'),
        ("a\rb", '"a\\rb"'),
        ("a\\nb", "a\\nb"),
        ("a\\n#b", "'a\\n#b'"),
        ("`'\"#", None),
    ],
)
def test_quote_returns_the_shortest_spelling_that_parses_back(value: str, spelling: str | None) -> None:
    assert quote(value) == spelling


def test_render_errors_have_the_name_but_not_the_value() -> None:
    with pytest.raises(ValueError, match="'BAD'") as caught:
        render({"GOOD": "1", "BAD": "`'\"#hunter2"})
    assert "hunter2" not in str(caught.value)


def test_render_writes_one_line_for_each_variable() -> None:
    assert render({"B": "1", "A": "x#y"}) == 'B=1\nA="x#y"'
    assert render({}) == ""


# --- properties ------------------------------------------------------------------------------------------------------

NAMES = st.text("AB_.-9", min_size=1, max_size=3)
# All special characters, so that short examples are difficult ones.
NASTY = st.text(st.sampled_from("abn=:#'\"`\\ \n\r\t$\u2028\u00a0\x1c"), max_size=8)
VALUES = st.one_of(NASTY, st.text(max_size=12))
VARIABLES = st.dictionaries(NAMES, VALUES, max_size=5)
LINES = st.one_of(
    st.tuples(NAMES, st.sampled_from(["=", " = ", ": "]), NASTY).map("".join),
    st.tuples(st.just("export "), NAMES, st.just("="), NASTY).map("".join),
    NASTY.map("# {}".format),
    NASTY,
)
TEXTS = st.lists(LINES, max_size=5).map("\n".join)


def writable(variables: dict[str, str]) -> bool:
    return all(quote(value) is not None for value in variables.values())


@example({"A": "'", "B": "'"})
@given(VARIABLES)
@settings(max_examples=example_count(150, 400))
def test_rendered_text_parses_back(variables: dict[str, str]) -> None:
    assume(writable(variables))
    assert parse(render(variables)) == variables


@example("X=1\nB='", {"X": "'"})
@example("A='1'\u2028B=2", {"B": "3"})
@example("A=1", {"A": "2"})
@example("# c\nexport A = 1 # why\n\nB=2", {"A": "x#y"})
@example("A=1\nB=2\nC=3", {"B": None})
@example("A=1", {"B": "2"})
@given(TEXTS, st.dictionaries(NAMES, st.one_of(st.none(), VALUES), max_size=3))
@settings(max_examples=example_count(200, 600))
def test_merge_changes_only_the_given_variables(text: str, changes: dict[str, str | None]) -> None:
    assume(writable({name: value for name, value in changes.items() if value is not None}))
    expected = {name: value for name, value in parse(text).items() if name not in changes}
    expected.update({name: value for name, value in changes.items() if value is not None})
    try:
        merged = merge(text, changes)
    except ValueError:
        # A text in which the value cannot be placed is refused, never garbled.
        return
    assert parse(merged) == expected


@example("A='", {"9": '#"'})
@given(TEXTS, st.dictionaries(NAMES, st.one_of(st.none(), VALUES), max_size=3))
@settings(max_examples=example_count(120, 300))
def test_merge_is_idempotent(text: str, changes: dict[str, str | None]) -> None:
    assume(writable({name: value for name, value in changes.items() if value is not None}))
    try:
        once = merge(text, changes)
    except ValueError:
        return
    assert merge(once, changes) == once


# Lines of a file, which a person wrote or another program, each with a mark of its own where it is a comment.
ENDS = st.sampled_from(["\n", "\r\n", "\r"])
MARKED = st.lists(st.one_of(LINES, LINES, st.just("# mark"), st.just("")), max_size=6)


@example(["A=1", "# mark", "B=2"], ["\n"], {"B": "3"})
@example(["A=", "# mark", "B=2"], ["\n"], {"A": "3"})
@example(["A='open", "# mark", "B=1"], ["\n"], {"A": "'open", "B": "1", "C": 'it\'s "new"'})
@example(["A:", "# mark"], ["\n"], {"B": "1"})
@example(["export 9='", "# mark", "export 9='", "export 9="], ["\n"], {})
@example(["9=\r\u2028a:", "# mark"], ["\n"], {})
@example(["A=1", "# mark", "A=2", "B=x#y"], ["\r\n"], {"A": "3"})
@example(['A="" # why', "# mark", "B='x'"], ["\r\n", "\n"], {"A": "", "B": "héllo # ❌"})
@given(MARKED, st.lists(ENDS, min_size=1, max_size=2), VARIABLES)
@settings(max_examples=example_count(200, 600))
def test_replace_sets_exactly_the_variables_and_keeps_comments_and_blank_lines(
    lines: list[str], ends: list[str], variables: dict[str, str]
) -> None:
    assume(writable(variables))
    marked = [line.replace("# mark", f"# mark {number}") for number, line in enumerate(lines)]
    text = "".join(line + ends[number % len(ends)] for number, line in enumerate(marked))
    # Those of all assignments, of which the last one of a name counts.
    values = [match.group("value") or "" for match in LINE.finditer(unified(text))]
    replaced = replace(text, variables)
    assert parse(replaced) == variables
    assert replace(replaced, variables) == replaced, "a second run changes nothing"
    # A mark inside a value in quotes is no comment.
    kept = [line for line in marked if line.startswith("# mark ") and not any(line in value for value in values)]
    assert [line for line in re.split(f"[{LINE_ENDS}]", replaced) if line in kept] == kept


@given(st.lists(st.tuples(NAMES, st.text("ab", max_size=2)), max_size=4), st.dictionaries(NAMES, st.text("ab")))
def test_replace_keeps_the_line_ends_of_windows(pairs: list[tuple[str, str]], variables: dict[str, str]) -> None:
    text = "".join(f"# about {name}\r\n\r\n{name}={value}\r\n" for name, value in pairs)
    replaced = replace(text, {**variables, "LINES": "one\ntwo"})
    assert not re.search("(?<!\r)\n", replaced) or not pairs
    assert parse(replaced) == {**variables, "LINES": "one\ntwo"}
    assert replaced.count("# about ") == replaced.split("\r\n").count("") == len(pairs)


PLAIN_LINES = st.one_of(
    st.tuples(NAMES, st.just("="), st.text("ab =", max_size=4)).map("".join),
    st.text("ab 'x", max_size=5).map("# {}".format),
    st.just(""),
)


@given(st.lists(PLAIN_LINES, max_size=6), st.text("ab", min_size=1, max_size=3))
def test_merge_leaves_other_lines_as_they_are(lines: list[str], value: str) -> None:
    """When one variable is set, the lines of others, comments and blank lines stay in order."""
    merged = merge("\n".join(lines), {"KEY": value})
    kept = merged.split("\n")
    assert kept.pop() == "KEY=" + value
    # An empty last line is the final newline of the text, after which the new variable stands.
    assert kept == (lines[:-1] if lines and lines[-1] == "" else lines)


@pytest.mark.parametrize(
    ("text", "changes", "merged"),
    [
        (None, {"A": "1"}, "A=1"),
        ("", {}, ""),
        ("A=1\n", {"B": "2"}, "A=1\nB=2"),
        ("A=1", {"B": "2"}, "A=1\nB=2"),
        ("# top\nA=1 # why\n\nB=2\n", {"A": "3"}, "# top\nA=3 # why\n\nB=2\n"),
        ("A='1'", {"A": "1"}, "A='1'"),
        ("A=1\nB=2\nC=3\n", {"B": None}, "A=1\nC=3\n"),
        ("A=1\nB=2", {"B": None}, "A=1\n"),
        ("A=1\nA=2", {"A": "3"}, "A=3\nA=3"),
        ("A=1\nA=2\nB=1", {"A": None}, "B=1"),
        ("export A=1", {"A": "2"}, "export A=2"),
        ("  export   A : 1", {"A": "2"}, "  export   A : 1\nA=2"),
        (" export A = 1 ", {"A": "2"}, " export A = 2 "),
        ("A: '1' # why", {"A": "2"}, "A: 2 # why"),
        ('A="x\ny"\nB=1', {"A": "z"}, "A=z\nB=1"),
        # Blank lines and a comment after a variable belong to nobody.
        ("A=1\n\n# about B\nB=2", {"A": None}, "\n# about B\nB=2"),
        ("A=\n\n# about B\nB=2", {"A": "1"}, "A=1\n\n# about B\nB=2"),
        ("A=1 # goes with it\r\n# stays\r\nB=2\r\n", {"A": None}, "# stays\r\nB=2\r\n"),
        ("A=1\r\nB=2\nC=3\r", {"B": "x\ny", "C": "4"}, 'A=1\r\nB="x\r\ny"\nC=4\r'),
        ("A=1\r\n", {"B": "2", "C": "3"}, "A=1\r\nB=2\r\nC=3"),
        ("A=\n'x'\nB=1", {"A": "y"}, "A=y\nB=1"),
        # With an open quote, a line that sets nothing is not to be told from others.
        ("# top\nA='1\nnothing\n\n# end", {"B": "x'#y"}, '# top\nA="\'1"\n\n# end\nB="x\'#y"'),
        ("A=1\r\nB=2\r\n", {"A": "9"}, "A=9\r\nB=2\r\n"),
        ("A=1", {"MISSING": None}, "A=1"),
    ],
)
def test_merge_keeps_the_rest_of_the_text(text: str | None, changes: dict[str, str | None], merged: str) -> None:
    assert merge(text, changes) == merged


@pytest.mark.parametrize(
    ("text", "variables", "replaced"),
    [
        (None, {}, ""),
        (None, {"A": "1"}, "A=1"),
        ("A=1\n# c", {}, "# c"),
        ("A=1 # c", {"A": "1"}, "A=1 # c"),
        ("# top\n\nOLD=1\nA='1'\nB=2 # two\n", {"C": "3", "B": "4", "A": "1"}, "# top\n\nA='1'\nB=4 # two\nC=3"),
        ("A=1\nA=2\nB=1", {"A": "2", "B": "2"}, "A=1\nA=2\nB=2"),
    ],
)
def test_replace_changes_what_differs(text: str | None, variables: dict[str, str], replaced: str) -> None:
    assert replace(text, variables) == replaced


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, []),
        ("A=1", []),
        ("# top\n\n## two ##\nA=1 # why\n#\n# last", [("A", "top"), ("A", "two ##"), ("A", "why"), ("", "last")]),
        ("A=\n# about B\r\n  #  blanks \r\nB=2", [("B", "about B"), ("B", "blanks")]),
        # What may be a part of the value.
        ("A=x#y\nB='x'#y\nC=x #y\nD='# z'", []),
        ('A="one\n# two\n"\n# three\nA=1', [("A", "three")]),
    ],
)
def test_comments(text: str | None, expected: list[tuple[str, str]]) -> None:
    assert comments(text) == expected


def test_merge_that_changes_nothing_returns_the_text_as_it_was() -> None:
    text = "# a comment\r\nA=1\r\nB='2'"
    assert parse(merge(text, {"A": "1", "B": "2", "C": None})) == parse(text)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (None, []),
        ("", []),
        ("A=1\n\n# comment\n  \nexport B = 2\nC: 3\n", []),
        ("A=1\nsecret of mine\nB=2\n=x\n", [2, 4]),
        ("A\r\nB=1\rC", [1, 3]),
        # The lines of a value in quotes belong to it.
        ('A="one\ntwo\n\nthree"\nfour\n', [5]),
        ("A-B!=1\nB=2 # comment", [1]),
    ],
)
def test_lines_that_set_no_variable(text: str | None, lines: list[int]) -> None:
    assert ignored_lines(text) == lines
