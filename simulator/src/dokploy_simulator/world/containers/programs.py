# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The programs of a container that work on files: those of its volumes and folders, and others that go with it."""

from __future__ import annotations

import hashlib
import posixpath
import time
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from fnmatch import fnmatchcase

from ...store.volumes import Volume
from .engine_files import of_engine, of_volume
from .shell import Call, Output, Program


class ContainerFiles:
    """``mounts``: path in the container -> what is mounted there; ``made``: the folders that the container has made,
    which may be empty."""

    def __init__(self, mounts: dict[str, Volume]) -> None:
        self.mounts = {posixpath.normpath(path): volume for path, volume in mounts.items()}
        self.own = Volume()
        self.folder = "/"
        # Empty ones, which no file tells of.
        self.made: set[str] = set()

    def _place(self, path: str) -> tuple[Volume, str]:
        """The volume of a path, and the path in it."""
        full = self.full(path)
        for mount in sorted(self.mounts, key=len, reverse=True):
            if full == mount or full.startswith(f"{mount.rstrip('/')}/"):
                return self.mounts[mount], full[len(mount) :].strip("/")
        return self.own, full.strip("/")

    def full(self, path: str) -> str:
        return posixpath.normpath(posixpath.join(self.folder, path))

    def read(self, path: str) -> str | None:
        volume, inside = self._place(path)
        return of_volume(volume).get(inside)

    def write(self, path: str, content: str) -> None:
        if self.full(path) != "/dev/null":
            volume, inside = self._place(path)
            volume.files[inside] = content

    def remove(self, path: str) -> None:
        volume, inside = self._place(path)
        if inside in of_engine(volume):
            volume.engine, volume.tables, volume.views, volume.login = "", {}, {}, None
        volume.files.pop(inside, None)

    def copy(self, source: str, path: str) -> None:
        """A file, or with one of an engine all that it has in its data directory."""
        (volume, inside), (target, _name) = self._place(source), self._place(path)
        if inside not in of_engine(volume):
            self.write(path, of_volume(volume)[inside])
        else:
            target.engine, target.login = volume.engine, deepcopy(volume.login)
            target.tables, target.views = deepcopy(volume.tables), deepcopy(volume.views)

    def below(self, path: str) -> list[str]:
        """The paths of all files in a folder, sorted; those of a volume that is mounted in it too."""
        base = self.full(path)
        places = {**self.mounts, "/": self.own}
        full = [posixpath.join(mount, name).rstrip("/") for mount, data in places.items() for name in of_volume(data)]
        return sorted(item for item in full if item.startswith(f"{base.rstrip('/')}/"))

    def is_folder(self, path: str) -> bool:
        full = self.full(path)
        if full in self.mounts and "" in self.mounts[full].files:
            # A single file of the host.
            return False
        return full == "/" or full in {*self.mounts, *self.made} or bool(self.below(path))


def of_files(files: ContainerFiles) -> dict[str, Program]:
    """The programs by their names."""
    tools = _Tools(files)
    return {
        "true": lambda _call: Output(),
        ":": lambda _call: Output(),
        "false": lambda _call: Output("", 1),
        "sleep": lambda _call: Output(),
        "echo": _echo,
        "printf": _printf,
        "test": tools.test,
        "[": lambda call: tools.test(replace(call, words=call.words[:-1])),
        "cat": tools.cat,
        "date": _date,
        "grep": _grep,
        "sh": tools.sh,
        "cd": tools.cd,
        "cp": tools.cp,
        "find": tools.find,
        "head": lambda call: _lines(call, slice(None, _count(call.words))),
        "tail": lambda call: _lines(call, slice(-_count(call.words), None)),
        "ls": tools.ls,
        "mkdir": tools.mkdir,
        "mv": tools.mv,
        "rm": tools.rm,
        "rmdir": tools.rmdir,
        "sort": lambda call: Output("".join(f"{line}\n" for line in sorted(call.given.splitlines()))),
        "sha256sum": lambda call: tools.digest("sha256", call),
        "md5sum": lambda call: tools.digest("md5", call),
        "tr": _tr,
        "wc": tools.wc,
        "xargs": tools.xargs,
    }


def _echo(call: Call) -> Output:
    words = call.words
    plain = words[:1] == ["-n"]
    return Output(" ".join(words[plain:]) + ("" if plain else "\n"))


def _printf(call: Call) -> Output:
    form, values = call.words[0].replace("\\n", "\n").replace("\\t", "\t"), call.words[1:]
    count = form.count("%s") + form.count("%d")
    text = ""
    for begin in range(0, max(len(values), 1), max(count, 1)):
        part = form
        for number in range(count):
            value = values[begin + number] if begin + number < len(values) else ""
            place = min(at for at in (part.find("%s"), part.find("%d")) if at >= 0)
            part = part[:place] + value.replace("%", "\0") + part[place + 2 :]
        text += part.replace("%%", "%").replace("\0", "%")
        if not count:
            break
    return Output(text)


def _date(call: Call) -> Output:
    """``date +%s``."""
    return Output(f"{int(time.time())}\n") if call.words == ["+%s"] else Output("", 1, "date: it is not played\n")


def _grep(call: Call) -> Output:
    """The lines with a text, which is no pattern."""
    text = call.words[-1]
    lines = [line for line in call.given.splitlines() if text in line]
    return Output("" if "-q" in call.words else "".join(f"{line}\n" for line in lines), int(not lines))


def _count(words: list[str]) -> int:
    numbers = [word.lstrip("-nc") for word in words if word.lstrip("-nc").isdigit()]
    return int(numbers[0]) if numbers else 10


def _lines(call: Call, part: slice) -> Output:
    return Output("".join(call.given.splitlines(keepends=True)[part]))


def _tr(call: Call) -> Output:
    words, given = call.words, call.given
    if words[:1] == ["-d"]:
        return Output("".join(char for char in given if char not in words[1].replace("\\n", "\n").replace("\\r", "\r")))
    old, new = (word.replace("\\n", "\n") for word in words[:2])
    return Output(given.translate(str.maketrans(old, new.ljust(len(old), new[-1])[: len(old)])))


class _Tools:
    def __init__(self, files: ContainerFiles) -> None:
        self.files = files

    def _contents(self, call: Call) -> Iterator[tuple[str, str | None]]:
        names = [word for word in call.words if not word.startswith("-")]
        yield from ((name, self.files.read(name)) for name in names)
        if not names:
            yield "-", call.given

    def test(self, call: Call) -> Output:
        words = call.words
        if words[:1] == ["!"]:
            return Output("", int(self.test(replace(call, words=words[1:])).status == 0))
        if len(words) == 3:
            left, operator, right = words
            numbers = {"-eq": "==", "-ne": "!=", "-gt": ">", "-ge": ">=", "-lt": "<", "-le": "<="}
            if operator in numbers:
                first, second = int(left), int(right)
                truths = {"==": first == second, "!=": first != second, ">": first > second}
                truths |= {">=": first >= second, "<": first < second, "<=": first <= second}
                return Output("", int(not truths[numbers[operator]]))
            return Output("", int((left == right) is (operator == "!=")))
        flag, value = (words + ["", ""])[:2] if len(words) > 1 else ("-n", (words + [""])[0])
        truths = {
            "-n": bool(value),
            "-z": not value,
            "-e": self.files.read(value) is not None or self.files.is_folder(value),
            "-f": self.files.read(value) is not None,
            "-s": bool(self.files.read(value)),
            "-d": self.files.is_folder(value),
        }
        return Output("", int(not truths.get(flag, False)))

    def cat(self, call: Call) -> Output:
        output = Output()
        for name, content in self._contents(call):
            if content is None:
                output.errors += f"cat: {name}: No such file or directory\n"
                output.status = 1
            output.text += content or ""
        return output

    def cd(self, call: Call) -> Output:
        words = call.words
        self.files.folder = self.files.full(words[0] if words else "/")
        return Output()

    def cp(self, call: Call) -> Output:
        """Of a folder all files in it: ``cp -a /from/. /to``."""
        words = call.words
        flags = "".join(word for word in words if word.startswith("-"))
        *sources, target = [word for word in words if not word.startswith("-")]
        for source in sources:
            content = self.files.read(source)
            if content is not None:
                into = posixpath.basename(source) if target.endswith("/") or self.files.is_folder(target) else ""
                self.files.write(posixpath.join(target, into) if into else target, content)
            elif not self.files.is_folder(source):
                return Output("", 1, f"cp: cannot stat '{source}': No such file or directory\n")
            elif not set("arR") & set(flags):
                return Output("", 1, f"cp: -r not specified; omitting directory '{source}'\n")
            else:
                base = self.files.full(source)
                inner = "" if source.endswith(("/.", ".")) else posixpath.basename(base)
                for path in self.files.below(source):
                    below = path[len(base.rstrip("/")) + 1 :]
                    self.files.copy(path, posixpath.join(target, inner, below))
        return Output()

    def find(self, call: Call) -> Output:
        """The files below folders, or what a program says of them all; ``-name`` and ``-print0`` are not played."""
        words = call.words
        folders = []
        for word in words:
            if word.startswith("-"):
                break
            folders.append(word)
        rest = words[len(folders) :]
        run = rest[rest.index("-exec") + 1 :] if "-exec" in rest and rest[-2:] == ["{}", "+"] else []
        rest = rest[: rest.index("-exec")] if run else rest
        if [word for word in rest if word.startswith("-")] not in ([], ["-type"]):
            return Output("", 1, f"find: the simulator has no {' '.join(rest)}\n")
        lines = []
        for folder in folders or ["."]:
            base = self.files.full(folder)
            lines += [posixpath.join(folder, path[len(base.rstrip("/")) + 1 :]) for path in self.files.below(folder)]
        if run:
            return self.xargs(Call(run[:-2], "\n".join(lines), call.variables))
        return Output("".join(f"{line}\n" for line in lines))

    def ls(self, call: Call) -> Output:
        words = call.words
        folder = next((word for word in words if not word.startswith("-")), ".")
        if self.files.read(folder) is not None:
            return Output(f"{folder}\n")
        if not self.files.is_folder(folder):
            return Output("", 2, f"ls: cannot access '{folder}': No such file or directory\n")
        base = len(self.files.full(folder).rstrip("/")) + 1
        names = sorted({path[base:].partition("/")[0] for path in self.files.below(folder)})
        return Output("".join(f"{name}\n" for name in names))

    def mkdir(self, call: Call) -> Output:
        self.files.made.update(self.files.full(word) for word in call.words if not word.startswith("-"))
        return Output()

    def rm(self, call: Call) -> Output:
        words = call.words
        for name in (word for word in words if not word.startswith("-")):
            folder, last = posixpath.split(self.files.full(name))
            for path in self.files.below(folder):
                if fnmatchcase(path[len(folder.rstrip("/")) + 1 :].partition("/")[0], last):
                    self.files.remove(path)
        return Output()

    def mv(self, call: Call) -> Output:
        source, target = (word for word in call.words if not word.startswith("-"))
        content = self.files.read(source)
        if content is None:
            return Output("", 1, f"mv: cannot stat '{source}': No such file or directory\n")
        self.files.write(target, content)
        self.files.remove(source)
        return Output()

    def rmdir(self, call: Call) -> Output:
        (folder,) = call.words
        if self.files.is_folder(folder) and not self.files.below(folder):
            self.files.made.discard(self.files.full(folder))
            return Output()
        return Output("", 1, f"rmdir: failed to remove '{folder}': Directory not empty\n")

    def digest(self, algorithm: str, call: Call) -> Output:
        output = Output()
        for name, content in self._contents(call):
            if content is None:
                output.errors += f"{algorithm}sum: {name}: No such file or directory\n"
                output.status = 1
            else:
                output.text += f"{hashlib.new(algorithm, content.encode()).hexdigest()}  {name}\n"
        return output

    def sh(self, call: Call) -> Output:
        """``sh -ec SCRIPT fingerprint FOLDER ...``: a line for each folder, with its files, their bytes, and a sum over
        names and contents. The script itself is not played."""
        if call.words[2:3] != ["fingerprint"]:
            return Output("", 127, "sh: not found\n")
        output = Output()
        for number, folder in enumerate(call.words[3:]):
            base = len(self.files.full(folder).rstrip("/")) + 1
            contents = {path[base:]: self.files.read(path) or "" for path in self.files.below(folder)}
            digest = hashlib.sha256(repr(contents).encode()).hexdigest()
            size = sum(len(content.encode()) for content in contents.values())
            output.text += f"fingerprint files {number} {len(contents)} {size} {digest}\n"
        return output

    def wc(self, call: Call) -> Output:
        flag = next((word for word in call.words if word.startswith("-")), "-l")
        output = Output()
        for name, content in self._contents(call):
            counts = {"-l": (content or "").count("\n"), "-c": len((content or "").encode())}
            number = counts.get(flag, len((content or "").split()))
            output.text += f"{number}{'' if name == '-' else f' {name}'}\n"
            output.status = int(content is None)
        return output

    def xargs(self, call: Call) -> Output:
        name, *words = [word for word in call.words if word not in ("-r", "-0")]
        program = of_files(self.files).get(name)
        if program is None:
            return Output("", 127, f"xargs: {name}: No such file or directory\n")
        given = call.given.split()
        return program(Call([*words, *given], "", call.variables)) if given else Output()
