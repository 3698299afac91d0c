# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folder of a backup set on the controller: C(archives.yml), the document in C(instance), and its secrets."""

from __future__ import annotations

import os
import secrets
from typing import Any, Dict, List, Mapping, Optional

import yaml
from ansible.parsing.dataloader import DataLoader

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError, Refused
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.archives_reader import read_archives
from ansible_collections.community.dokploy.plugins.module_utils._resources.backups.set_archives import is_series
from ansible_collections.community.dokploy.plugins.plugin_utils._export.files import (
    FileChange,
    OutputFile,
    refuse_unwritable,
    write_files,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._export.target import place_of
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain

ARCHIVES, DOCUMENT, SECRETS = "archives.yml", "instance", "secrets.yml"
#: In the folder of sets.
SERIES = ".series"
_HEAD = "# Written by community.dokploy.dokploy_backup_set\n"


class SetFolder:
    """:param dest: the option C(dest).

    :raises OptionError: it is no path of a folder.
    """

    def __init__(self, dest: str, loader: DataLoader) -> None:
        if dest.endswith((".yml", ".yaml", ".json")):
            raise OptionError("dest: %s is the name of a file; it takes that of a folder" % dest)
        self._folder = place_of(dest, "dest", loader)
        self._archives = self._inside(ARCHIVES)
        self._made = False

    @property
    def path(self) -> str:
        return self._folder.path

    def _inside(self, name: str) -> OutputFile:
        return OutputFile(os.path.join(self._folder.path, name), os.path.join(self._folder.label, name), "dest")

    def refuse(self) -> None:
        """Everything that can be refused before the server is read.

        :raises OptionError: nothing can be written there. :raises Refused: there is something else.
        """
        if not os.path.lexists(self._folder.path):
            refuse_unwritable(self._folder)
            return
        if not os.path.isdir(self._folder.path):
            raise self._folder.error("is no folder")
        refuse_unwritable(self._archives)
        content = self._archives.content()
        if content is not None and not content.startswith(_HEAD.encode()):
            raise Refused(
                "dest: %s exists, and dokploy_backup_set has not written it" % self._archives.label,
                hint="Name another folder.",
            )

    def make(self) -> None:
        """Make the folder, if it does not exist, for its owner only.

        :raises OptionError: it cannot be made.
        """
        if os.path.isdir(self._folder.path):
            return
        try:
            os.mkdir(self._folder.path, 0o700)
        except OSError as error:
            raise self._folder.error("cannot be made: %s" % (error.strerror or "unknown").lower()) from None
        self._made = True

    def drop_if_empty(self) -> None:
        """Remove the folder again, if this run has made it and nothing is in it."""
        if self._made and not os.listdir(self._folder.path):
            os.rmdir(self._folder.path)

    @property
    def exists(self) -> bool:
        return os.path.isdir(self._folder.path)

    def export_options(self, options: Mapping[str, Any]) -> Dict[str, Any]:
        """The options of the export in it, from those of the set."""
        secrets_dest: Optional[str] = options["secrets_dest"]
        if secrets_dest is None and options["secrets"] != "names_only":
            secrets_dest = self._inside(SECRETS).path
        own = {"dest": self._inside(DOCUMENT).path, "secrets": options["secrets"], "secrets_dest": secrets_dest}
        return {**own, "force": False, "merge": False, "conflicts": "fail"}

    def beside(self) -> SetsBeside:
        """The other sets in the folder above."""
        return SetsBeside(self._folder)

    def write(self, content: Mapping[str, Any]) -> None:
        """Write C(archives.yml).

        :raises OptionError: it cannot be written.
        """
        text = yaml.safe_dump(plain(content), sort_keys=False, allow_unicode=True, width=118)
        write_files([FileChange(self._archives, self._archives.content(), (_HEAD + "\n" + text).encode("utf-8"))])


def sets_in(folder: str, without: Optional[str] = None) -> List[Dict[str, Any]]:
    """The names and archives of the sets in a folder, as the option C(sets), the oldest first.

    :param without: the name of one that is left out.
    :raises OptionError: one cannot be read.
    """
    sets = []
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name, ARCHIVES)
        # A link, such as that to the newest one, is no further set.
        is_set = os.path.isfile(path) and not os.path.islink(os.path.join(folder, name))
        if is_set and name != without:
            sets.append({"name": name, "archives": _archives(path)})
    return sets


def _archives(path: str) -> List[Any]:
    try:
        with open(path, encoding="utf-8") as file:
            content = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, ValueError, yaml.YAMLError):
        raise OptionError("the set cannot be read: %s" % path) from None
    read_archives(content, path)
    return list(content["archives"])


class SetsBeside:
    """The sets in the folder above that of a new one. :param own: the folder of the new one."""

    def __init__(self, own: OutputFile) -> None:
        self._own = own
        self._parent, self._name = os.path.split(os.path.normpath(own.path))

    @property
    def sets(self) -> List[Dict[str, Any]]:
        """Their names and archives, as the option C(sets), the oldest first.

        :raises OptionError: one cannot be read.
        """
        try:
            return sets_in(self._parent, without=self._name)
        except OptionError as error:
            raise OptionError("dest: beside it, %s" % error) from None

    def series(self, make: bool) -> str:
        """The token of the sets in the folder. The first set makes it, if C(make), or has one that nothing has.

        :raises OptionError: the file is none, or cannot be written.
        """
        path = os.path.join(self._parent, SERIES)
        if make:
            try:
                # Of two sets at once, one makes it.
                with open(path, "x", encoding="utf-8") as file:
                    file.write("%s\n" % secrets.token_hex(4))
            except FileExistsError:
                pass
            except OSError as error:
                text = "dest: %s cannot be written: %s"
                raise OptionError(text % (path, (error.strerror or "unknown").lower())) from None
        try:
            with open(path, encoding="utf-8") as file:
                token = file.read().strip()
        except FileNotFoundError:
            return secrets.token_hex(4)
        except (OSError, ValueError):
            raise OptionError("dest: %s cannot be read" % path) from None
        if not is_series(token):
            raise OptionError("dest: %s has no token of eight digits of 0 to 9 and a to f" % path)
        return token
