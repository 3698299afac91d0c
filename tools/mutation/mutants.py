# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mutants: small mistakes put into the source, each of which a test has to notice."""

from __future__ import annotations

import ast
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

# An order is turned, and moved by one: what happens at the limit itself is another question.
TURNED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.GtE, ast.LtE),
    ast.LtE: (ast.Gt, ast.Lt),
    ast.Gt: (ast.LtE, ast.GtE),
    ast.GtE: (ast.Lt, ast.Gt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
# Names and procedures, but no sentences: what exactly a message says is no behaviour.
WORD = re.compile(r"[A-Za-z0-9_.$%/:{}-]*\Z")


@dataclass(frozen=True)
class Mutant:
    """One change at one place.

    :param function: the name of the function or class around it, such as C(Diff.rows); C("") at the top of a file.
    :param number: which one it is of those that are alike but for their line, from 0.
    :param lines: the first and the last line of what is changed. :param span: the same in characters of the source.
    """

    path: str
    function: str
    operator: str
    before: str
    after: str
    number: int
    lines: tuple[int, int]
    span: tuple[int, int]

    @property
    def place(self) -> tuple[str, ...]:
        """What stays the same when other lines of the file change."""
        return self.path, self.function, self.operator, self.before, self.after, str(self.number)

    def applied(self, source: str) -> str:
        """The source with this mistake."""
        start, end = self.span
        return source[:start] + self.after + source[end:]

    def __str__(self) -> str:
        before = self.before if len(self.before) <= 60 else self.before[:57] + "..."
        after = self.after if len(self.after) <= 60 else self.after[:57] + "..."
        return f"{self.path}:{self.lines[0]}: {self.operator}: {before} -> {after}"


def _changed(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """The mistakes to make at one node: the operator's name, and what stands there instead."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for turned in TURNED[type(node.ops[0])]:
            yield "comparison", ast.Compare(node.left, [turned()], node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield "and/or", ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not", node.operand
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield "constant", ast.Constant(not node.value)
        elif isinstance(node.value, int):
            yield "constant", ast.Constant(node.value + 1)
        elif isinstance(node.value, str) and WORD.match(node.value):
            yield "constant", ast.Constant(node.value + "x")
    elif isinstance(node, ast.Return) and node.value and ast.unparse(node.value) != "None":
        yield "return", ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield "call", ast.Pass()
    elif isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        (argument,) = node.args
        yield from [("call", argument)] if not isinstance(argument, (ast.Starred, ast.GeneratorExp)) else []


def _nodes(node: ast.AST, function: str = "") -> Iterator[tuple[ast.AST, str]]:
    """All nodes that a mistake can be made at, each with the function around it."""
    for name, value in ast.iter_fields(node):
        # Types, and the pieces of f-strings, which cannot stand alone.
        if name in ("annotation", "returns") or isinstance(node, (ast.JoinedStr, ast.Import, ast.ImportFrom)):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST):
                continue
            inner = function
            if isinstance(child, (ast.FunctionDef, ast.ClassDef)):
                inner = f"{function}.{child.name}".lstrip(".")
            # A docstring is an expression that is a constant.
            if not (isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)):
                yield child, inner
                yield from _nodes(child, inner)


def mutants(path: str, source: str) -> list[Mutant]:
    """All mutants of one file, in the order of its lines."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    lines = source.splitlines()
    result: list[Mutant] = []
    seen: defaultdict[tuple[str, ...], int] = defaultdict(int)

    def at(line: int, column: int) -> int:
        # The parser counts bytes.
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

    for node, function in _nodes(ast.parse(source)):
        for operator, changed in _changed(node):
            assert isinstance(node, (ast.expr, ast.stmt)) and node.end_lineno and node.end_col_offset is not None
            span = at(node.lineno, node.col_offset), at(node.end_lineno, node.end_col_offset)
            after = ast.unparse(ast.fix_missing_locations(changed))
            # Inside another expression it may have to hold together.
            after = after if isinstance(node, (ast.stmt, ast.Constant)) else f"({after})"
            before = " ".join(source[slice(*span)].split())
            mutant = Mutant(path, function, operator, before, after, 0, (node.lineno, node.end_lineno), span)
            result.append(replace(mutant, number=seen[mutant.place]))
            seen[mutant.place] += 1
    return sorted(result, key=lambda entry: (entry.span, entry.place))


def chosen(candidates: Iterable[Mutant], count: int, seed: int) -> list[Mutant]:
    """So many mutants, by chance, which the seed decides: of each package alike, and of each operator in it."""
    groups: defaultdict[str, defaultdict[str, list[Mutant]]] = defaultdict(lambda: defaultdict(list))
    for mutant in candidates:
        groups[mutant.path.split("/")[2]][mutant.operator].append(mutant)
    chance = random.Random(seed)
    queues = []
    for _package, operators in sorted(groups.items()):
        ones = [chance.sample(operators[name], len(operators[name])) for name in sorted(operators)]
        queues.append(
            iter([sample[turn] for turn in range(max(map(len, ones))) for sample in ones if turn < len(sample)])
        )
    result: list[Mutant] = []
    while queues and len(result) < count:
        for queue in list(queues):
            following = next(queue, None)
            if following is None:
                queues.remove(queue)
            elif len(result) < count:
                result.append(following)
    return result
