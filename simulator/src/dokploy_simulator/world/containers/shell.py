# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small part of ``sh``: lists, pipes, quotes, variables, the output of a command as words, and files as targets.

What it cannot read, such as a loop, ends with the status 2 and says so, so that no script passes for carried out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

OPERATORS = ("&&", "||", "2>&1", "2>/dev/null", ">/dev/null", ">>", ";", "|", ">", "<", "\n")
KEYWORDS = frozenset("if then else fi for while until do done case esac { } ( ) function".split())
ESCAPED_DOLLAR = "\0"
_VARIABLE = re.compile(r"\$(?:(\w+|\?|#)|\{(\w+)(?::?-([^}]*))?\})")
_ASSIGNMENT = re.compile(r"(\w+)=(.*)", re.S)


class Unreadable(Exception):
    """The script has something that this shell does not know; the argument says what."""


@dataclass
class Output:
    """What a program has written, and how it ended."""

    text: str = ""
    status: int = 0
    errors: str = ""


class Files(Protocol):
    """The files that programs see."""

    def write(self, path: str, content: str) -> None: ...

    def read(self, path: str) -> str | None: ...


@dataclass(frozen=True)
class Call:
    """What a program gets: its arguments, its input, and the variables of its environment."""

    words: list[str]
    given: str
    variables: dict[str, str]


Program = Callable[[Call], Output]


@dataclass(frozen=True)
class Word:
    """Pieces of one word, each with whether variables in it are replaced, and split at blanks when they are."""

    pieces: tuple[tuple[str, bool, bool], ...]


@dataclass
class Simple:
    """One program of a pipe, with the files that it reads and writes."""

    words: list[Word] = field(default_factory=list)
    reads: Word | None = None
    writes: Word | None = None
    appends: bool = False
    joins: bool = False
    hushed: set[str] = field(default_factory=set)


class Tokens:
    """The words and operators of a script."""

    def __init__(self, script: str) -> None:
        self.script, self.at = re.sub(r"\\\n", "", script), 0

    def all(self) -> list[Word | str]:
        tokens: list[Word | str] = []
        while self.at < len(self.script):
            rest = self.script[self.at :]
            operator = next((item for item in OPERATORS if rest.startswith(item)), "")
            if operator and not (operator.startswith("2") and tokens and not rest.startswith(operator)):
                tokens.append(operator)
                self.at += len(operator)
            elif rest[0] in " \t\r":
                self.at += 1
            elif rest[0] == "#":
                self.at += len(rest.partition("\n")[0])
            else:
                tokens.append(self._word())
        return tokens

    def _word(self) -> Word:
        pieces: list[tuple[str, bool, bool]] = []
        while self.at < len(self.script):
            char = self.script[self.at]
            if char in " \t\r\n;|<>" or self.script.startswith("&&", self.at):
                break
            if char == "'":
                pieces.append((self._until("'"), False, False))
            elif char == '"':
                pieces.append((self._until('"'), True, False))
            elif char == "\\":
                pieces.append((self.script[self.at + 1 : self.at + 2], False, False))
                self.at += 2
            elif self.script.startswith("$(", self.at):
                pieces.append((self._substitution(), True, True))
            else:
                pieces.append((char, True, True))
                self.at += 1
        # Plain characters belong together, so that a variable is whole.
        joined: list[tuple[str, bool, bool]] = []
        for piece in pieces:
            if joined and piece[1:] == joined[-1][1:] == (True, True):
                joined[-1] = (joined[-1][0] + piece[0], True, True)
            else:
                joined.append(piece)
        return Word(tuple(joined))

    def _until(self, quote: str) -> str:
        text, self.at = "", self.at + 1
        while self.at < len(self.script) and self.script[self.at] != quote:
            if quote == '"' and self.script.startswith("$(", self.at):
                text += self._substitution()
                continue
            if quote == '"' and self.script[self.at] == "\\" and self.script[self.at + 1 : self.at + 2] in '"\\$`':
                self.at += 1
                text += ESCAPED_DOLLAR if self.script[self.at] == "$" else self.script[self.at]
            else:
                text += self.script[self.at]
            self.at += 1
        if self.at >= len(self.script):
            raise Unreadable("unterminated quoted string")
        self.at += 1
        return text

    def _substitution(self) -> str:
        """``$(...)`` as it stands, up to its own end."""
        begin, depth = self.at, 0
        while self.at < len(self.script):
            depth += {"(": 1, ")": -1}.get(self.script[self.at], 0)
            self.at += 1
            if depth == 0 and self.script[self.at - 1] == ")":
                return self.script[begin : self.at]
        raise Unreadable("unterminated command substitution")


class Shell:
    """Runs scripts; ``variables`` and ``files`` change with what they do."""

    def __init__(self, programs: Callable[[str], Program | None], variables: dict[str, str], files: Files) -> None:
        self.programs, self.variables, self.files = programs, variables, files
        self.status = 0
        self.exited = False
        self.stops = False

    def run(self, script: str, stops: bool = False) -> Output:
        """:param stops: whether the first failure ends it, as with ``sh -e``."""
        self.stops = stops
        try:
            return Output(self._list(Tokens(script).all()), self.status)
        except Unreadable as error:
            return Output("", 2, f"sh: {error}\n")

    def _list(self, tokens: list[Word | str]) -> str:
        """The output of commands one after the other, errors among it, as the log of a container has them."""
        said, pipe, joint = "", list[Word | str](), ";"
        for token in [*tokens, ";"]:
            if token not in ("&&", "||", ";", "\n"):
                pipe.append(token)
                continue
            runs = joint == ";" or (joint == "&&") == (self.status == 0)
            if pipe and runs:
                said += self._pipe(pipe)
                if self.exited or (self.stops and self.status and token in (";", "\n")):
                    self.exited = True
                    return said
            if pipe or token in ("&&", "||"):
                joint = ";" if token == "\n" else str(token)
            pipe = []
        return said

    def _pipe(self, tokens: list[Word | str]) -> str:
        programs, current = [], Simple()
        targets = iter(tokens)
        for token in targets:
            if token == "|":
                programs.append(current)
                current = Simple()
            elif token in ("<", ">", ">>"):
                target = next(targets, None)
                if not isinstance(target, Word):
                    raise Unreadable(f"a file is missing behind {token}")
                if token == "<":
                    current.reads = target
                else:
                    current.writes, current.appends = target, token == ">>"
            elif token == "2>&1":
                current.joins = True
            elif isinstance(token, str):
                current.hushed.add("2" if token.startswith("2") else "1")
            else:
                current.words.append(token)
        errors, text = "", ""
        for program in [*programs, current]:
            output = self._simple(program, text)
            self.status, text = output.status, output.text
            errors += output.errors
            if self.exited:
                break
        return text + errors

    def _simple(self, command: Simple, given: str) -> Output:
        if command.reads is not None:
            path = " ".join(self.expand(command.reads))
            content = self.files.read(path)
            if content is None:
                return Output("", 1, f"sh: can't open {path}: no such file\n")
            given = content
        words: list[str] = []
        for item in command.words:
            # The value of a variable is never split.
            leads = all(map(_ASSIGNMENT.fullmatch, words)) and _ASSIGNMENT.match(item.pieces[0][0])
            words += self.expand(item, splits=not leads)
        own: dict[str, str] = {}
        while words and (assignment := _ASSIGNMENT.fullmatch(words[0])):
            own[assignment[1]] = assignment[2]
            words.pop(0)
        if not words:
            self.variables |= own
            return Output()
        before = dict(self.variables)
        self.variables |= own
        output = self._execute(words, given)
        if own:
            self.variables = before
        if command.joins:
            output = Output(output.text + output.errors, output.status)
        if "2" in command.hushed:
            output.errors = ""
        if "1" in command.hushed:
            output.text = ""
        if command.writes is not None:
            path = " ".join(self.expand(command.writes))
            self.files.write(path, (self.files.read(path) or "") * command.appends + output.text)
            output.text = ""
        return output

    def _execute(self, words: list[str], given: str) -> Output:
        name, arguments = words[0], words[1:]
        if name in KEYWORDS:
            raise Unreadable(f"the simulator has no {name}")
        if name == "exit":
            self.exited = True
            return Output("", int(arguments[0]) if arguments else self.status)
        if name == "set":
            self.stops = self.stops or any(word.startswith("-") and "e" in word for word in arguments)
            return Output()
        if name == "export":
            self.variables |= {item[1]: item[2] for word in arguments if (item := _ASSIGNMENT.fullmatch(word))}
            return Output()
        if name == "!":
            inner = self._execute(arguments, given)
            return Output(inner.text, int(inner.status == 0), inner.errors)
        program = self.programs(name)
        if program is None:
            return Output("", 127, f"sh: {name}: not found\n")
        return program(Call(arguments, given, self.variables))

    def expand(self, word: Word, splits: bool = True) -> list[str]:
        """The words that a word becomes."""
        parts = [""]
        quoted = False
        for text, expands, bare in word.pieces:
            value = self._replaced(text) if expands else text
            quoted = quoted or not bare
            if not (splits and bare and "$" in text):
                parts[-1] += value
                continue
            pieces = value.split()
            if pieces:
                parts[-1] += pieces[0]
                parts += pieces[1:]
        return parts if quoted or parts != [""] else []

    def _replaced(self, text: str) -> str:
        result, at = "", 0
        while (begin := text.find("$(", at)) >= 0:
            tokens = Tokens(text)
            tokens.at = begin
            inner = tokens._substitution()
            result += self._variables(text[at:begin]) + self._substituted(inner[2:-1])
            at = tokens.at
        return result + self._variables(text[at:])

    def _substituted(self, script: str) -> str:
        inner = Shell(self.programs, dict(self.variables), self.files)
        output = inner.run(script)
        self.status = output.status
        return output.text.rstrip("\n")

    def _variables(self, text: str) -> str:
        def value(match: re.Match[str]) -> str:
            name = match[1] or match[2]
            return str(self.status) if name == "?" else self.variables.get(name) or match[3] or ""

        return _VARIABLE.sub(value, text).replace(ESCAPED_DOLLAR, "$")
