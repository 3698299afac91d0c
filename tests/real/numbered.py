# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Numbered rows that are written all the time into what a project has, and are looked at where they come back.

The content of a row follows from its number, so that what is changed on the way is seen. Each is acknowledged by the
database, or by the shell of the application, before the next one is written. This needs the Docker of the server.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

# Seconds between two rows, before a container that is gone is looked for again, and for the first set-up of a database.
PACE, AGAIN, PATIENCE = 0.1, 1.0, 300.0


def text_of(number: int) -> str:
    return hashlib.md5(f"row {number}".encode()).hexdigest()


@dataclass(frozen=True)
class Store:
    """Where rows are written.

    :param name: of the service in the document. :param inside: the service of a stack. :param client: reads one line
        for each row and prints its number. :param make: makes what takes them. :param line: writes a row.
    :param read: prints all rows, each as its number and its text. :param in_volume: its archive is one of a volume, for
        which it is stopped.
    """

    name: str
    client: Sequence[str]
    line: str
    read: Sequence[str]
    make: Sequence[str] = ()
    inside: str = ""
    in_volume: bool = False

    def container(self, app_name: str) -> str:
        """The container that runs; empty if there is none."""
        pattern = f"^{app_name}-{self.inside}-" if self.inside else f"^{app_name}[.]"
        words = ["docker", "ps", "--quiet", "--filter", f"name={pattern}", "--filter", "status=running"]
        lines = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
        return lines[0] if lines else ""

    def prepare(self, app_name: str) -> None:
        """Make what takes the rows, as soon as a container takes commands."""
        end = time.monotonic() + PATIENCE
        while self.make:
            container = self.container(app_name) or "none"
            ended = subprocess.run(
                ["docker", "exec", container, *self.make], capture_output=True, text=True, check=False
            )
            if ended.returncode == 0:
                return
            assert time.monotonic() < end, ended.stderr
            time.sleep(AGAIN)

    def rows(self, app_name: str) -> list[tuple[int, str]]:
        """What is there."""
        words = ["docker", "exec", self.container(app_name), *self.read]
        return rows_in(subprocess.run(words, capture_output=True, text=True, check=True).stdout)


def rows_in(text: str) -> list[tuple[int, str]]:
    """The rows that a store prints."""
    return [(int(line.split()[0]), line.split()[1]) for line in text.splitlines() if line.strip()]


def _psql(user: str, database: str) -> list[str]:
    return ["psql", "-X", "-q", "-U", user, "-d", database, "-At", "-F", " ", "-v", "ON_ERROR_STOP=1"]


def postgres(name: str, user: str, database: str, inside: str = "") -> Store:
    psql = _psql(user, database)
    return Store(
        name,
        psql,
        "insert into numbers values ({number}, '{text}') returning n;",
        [*psql, "-c", "select n, t from numbers order by 1"],
        # Without a key: a row that came back twice is to be seen.
        [*psql, "-c", "create table numbers (n int, t text)"],
        inside,
    )


def mariadb(name: str, user: str, password: str, database: str) -> Store:
    words = ["mariadb", f"-u{user}", f"-p{password}", "-N", "--unbuffered", database]
    return Store(
        name,
        words,
        "insert into numbers values ({number}, '{text}') returning n;",
        [*words, "-e", "select n, t from numbers order by 1"],
        [*words, "-e", "create table numbers (n int, t text) engine=innodb"],
    )


def redis(name: str, password: str) -> Store:
    words = ["redis-cli", "--no-auth-warning", "-a", password]
    # What it prints is the length of the list.
    return Store(name, words, 'RPUSH numbers "{number} {text}"', [*words, "LRANGE", "numbers", "0", "-1"])


def files(name: str, folder: str, inside: str = "") -> Store:
    """Lines of a file in a volume of an application or a stack, whose image has a shell."""
    line = "echo '{number} {text}' >> %s/numbers && echo {number}" % folder
    return Store(name, ["sh"], line, ["cat", f"{folder}/numbers"], (), inside, in_volume=True)


@dataclass
class Writer:
    """Writes numbered rows into a service until it is told to end.

    :ivar acknowledged: when each row was acknowledged, UTC.
    """

    store: Store
    app_name: str
    acknowledged: dict[int, datetime.datetime] = field(default_factory=dict)
    sent: int = 0
    _end: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self._end.is_set():
            container = self.store.container(self.app_name)
            if container:
                with contextlib.suppress(OSError):
                    self._write(container)
            self._end.wait(AGAIN)

    def _write(self, container: str) -> None:
        words = ["docker", "exec", "-i", container, *self.store.client]
        with subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1
        ) as process:
            assert process.stdin is not None and process.stdout is not None
            while not self._end.is_set():
                self.sent += 1
                print(self.store.line.format(number=self.sent, text=text_of(self.sent)), file=process.stdin, flush=True)
                # Of a row whose answer is lost nothing is known. It may be there.
                if not process.stdout.readline().strip():
                    return
                self.acknowledged[self.sent] = datetime.datetime.now(datetime.UTC)
                self._end.wait(PACE)

    def stop(self) -> None:
        self._end.set()

    def lost(self, rows: Sequence[tuple[int, str]], saved_at: str) -> list[str]:
        """What is wrong with the rows that came back, of an archive of a time."""
        moment = datetime.datetime.fromisoformat(saved_at)
        numbers = [number for number, _text in rows]
        # A copy, since it is still written to.
        acknowledged = dict(self.acknowledged)
        due = {number for number, at in acknowledged.items() if at <= moment}
        wrong = {
            "missing": due - set(numbers),
            "twice": {number for number, count in Counter(numbers).items() if count > 1},
            "never written": set(numbers) - set(range(1, self.sent + 1)),
            "changed": {number for number, text in rows if text != text_of(number)},
        }
        problems = [f"{self.store.name}: {what}: {sorted(some)[:10]}" for what, some in wrong.items() if some]
        return problems if due else [*problems, f"{self.store.name}: none was acknowledged before {saved_at}"]


@contextlib.contextmanager
def written(stores: Sequence[Store], app_names: dict[str, str]) -> Iterator[dict[str, Writer]]:
    """Write into all of them at the same time; gives the writers by the names of their services.

    :param app_names: the names in Docker, by the names of the services.
    """
    writers = {f"{store.name}/{store.inside}": Writer(store, app_names[store.name]) for store in stores}
    threads = [threading.Thread(target=writer.run, daemon=True) for writer in writers.values()]
    for thread in threads:
        thread.start()
    try:
        yield writers
    finally:
        for writer in writers.values():
            writer.stop()
        for thread in threads:
            thread.join(60)
