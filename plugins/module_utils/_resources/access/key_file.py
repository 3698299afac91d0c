# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A file that holds an API key and that only its owner may read."""

from __future__ import annotations

import os
import stat
import tempfile
from dataclasses import dataclass
from typing import Any, Dict, Optional, Tuple

from ..._engine.execute import Executor
from ..._engine.plan import SELF, Outcome, Step
from ..._errors import OptionError, why_unreadable

MODE = 0o600
OPTION = "api_key_file"


@dataclass(frozen=True)
class KeyFile:
    path: str

    def read(self) -> Optional[str]:
        """The key, without the line break at its end; C(None): there is no file, or nothing in it.

        :raises OptionError: it cannot be read.
        """
        try:
            with open(self.path, encoding="utf-8") as file:
                return file.read().strip() or None
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            reason = why_unreadable(error) if isinstance(error, OSError) else "it is not text"
            raise OptionError("%s %s cannot be read: %s" % (OPTION, self.path, reason)) from None

    def is_private(self) -> bool:
        """Whether only its owner may read it."""
        return stat.S_IMODE(os.stat(self.path).st_mode) == MODE

    def check_folder(self) -> None:
        """Before a key is created: a file can be made where it is to be stored.

        :raises OptionError: it cannot.
        """
        try:
            handle, name = self._temporary()
        except OSError as error:
            raise OptionError("%s %s cannot be written: %s" % (OPTION, self.path, why_unreadable(error))) from None
        os.close(handle)
        os.unlink(name)

    def write(self, key: str) -> None:
        """Put the key into the file, which is complete at every moment and never open to others."""
        handle, name = self._temporary()
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(key + "\n")
        os.replace(name, self.path)

    def _temporary(self) -> Any:
        """An open file of mode 0600 beside it, and its name."""
        return tempfile.mkstemp(prefix=".dokploy-", dir=os.path.dirname(os.path.abspath(self.path)))


@dataclass(frozen=True)
class SaveKey(Step):
    """Store the key that was just created."""

    file: KeyFile

    def run(self, executor: Executor, outcome: Outcome) -> None:
        self.file.write(outcome.rows[SELF]["key"])


def plan_closing(file: KeyFile) -> Tuple[Tuple[Step, ...], Dict[str, str], Dict[str, str]]:
    """The steps after which others may not read an existing file, and what these change, before and after."""
    if file.is_private():
        return (), {}, {}
    return (_MakePrivate(file),), {OPTION: "open to others"}, {OPTION: "private"}


@dataclass(frozen=True)
class _MakePrivate(Step):
    file: KeyFile

    def run(self, executor: Executor, outcome: Outcome) -> None:
        os.chmod(self.file.path, MODE)
        outcome.sent = executor.sent = True
