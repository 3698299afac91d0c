# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where an export goes on the controller: a file or a folder for the document, and a file for its secrets."""

from __future__ import annotations

import os
import re
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible import constants
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError, Refused, enumerated
from ansible_collections.community.dokploy.plugins.plugin_utils._document.origins import shown_path
from ansible_collections.community.dokploy.plugins.plugin_utils._document.source import files_below
from ansible_collections.community.dokploy.plugins.plugin_utils._export import proof, secrets_file, yaml_writer
from ansible_collections.community.dokploy.plugins.plugin_utils._export.files import (
    MARK,
    FileChange,
    OutputFile,
    is_ours,
    refuse_unwritable,
    write_files,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._export.layout import (
    DocumentFile,
    document_files,
    read_as,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._export.yaml_writer import SCHEMA

# The first line is for editors.
HEAD_LINES = (
    "yaml-language-server: $schema=%s" % SCHEMA,
    "%s, which overwrites the file as long as it has this line." % MARK,
)
# A playbook of a collection is not where its user is.
_OF_A_COLLECTION = re.compile(r"/ansible_collections/[^/]+/[^/]+/playbooks(/|\Z)")


class Exported(NamedTuple):
    """What the operation has left: the document with its marks, comments in it, and the values of its secrets.

    :param changes: those of the document that exists, see C(_export.edits.to_json).
    """

    document: Mapping[str, Any]
    comments: Sequence[Mapping[str, Any]]
    secrets: Mapping[str, Any]
    changes: Sequence[Mapping[str, Any]] = ()


class Writing(NamedTuple):
    """What is to be written.

    :param places: the files of the document afterwards. :param changes: those of files that differ.
    :param of_secrets: that of the file of secrets. :param has_secrets: whether that file has any.
    :param left: other files in the folder.
    """

    places: Sequence[OutputFile]
    changes: Sequence[FileChange]
    of_secrets: Optional[FileChange]
    has_secrets: bool
    left: Sequence[OutputFile] = ()


def place_of(path: str, option: str, loader: DataLoader) -> OutputFile:
    """The file, or folder, that an option names: from the folder of the playbook on.

    :raises OptionError: it is empty.
    """
    if not path:
        raise OptionError("%s is empty; it takes a path" % option)
    base = os.path.abspath(loader.get_basedir())
    base = os.getcwd() if _OF_A_COLLECTION.search(base) else base
    absolute = os.path.realpath(os.path.join(base, path))
    label = shown_path(absolute, loader) if os.path.isabs(path) else os.path.normpath(path)
    return OutputFile(absolute, label, option)


class OutputTarget:
    """:param options: C(dest) and C(force), C(secrets) and C(secrets_dest) or C(None).

    :raises OptionError: these do not go together.
    """

    def __init__(self, options: Mapping[str, Any], loader: DataLoader, templar: Templar) -> None:
        self._loader, self._templar = loader, templar
        dest = options["dest"]
        if dest.endswith(".json"):
            raise OptionError("dest: %s ends in .json; a file of the document ends in .yml or .yaml" % dest)
        self._is_folder = not dest.endswith((".yml", ".yaml"))
        self._main = place_of(dest, "dest", loader)
        self._force: bool = options["force"]
        self._how: str = options["secrets"] or "vault"
        self._vault = secrets_file.Vault(loader)
        self._secrets: Optional[OutputFile] = None
        if self._how != "names_only":
            self._secrets = self._place_of_secrets(dest, options["secrets_dest"])
        elif options["secrets_dest"] is not None:
            raise OptionError("secrets_dest: secrets is names_only, with which no file of secrets is written")

    def _place_of_secrets(self, dest: str, stated: Optional[str]) -> OutputFile:
        if stated is None:
            stated = os.path.join(os.path.dirname(os.path.normpath(dest)), "secrets.yml")
        place = place_of(stated, "secrets_dest", self._loader)
        if place.path == self._main.path:
            raise OptionError("secrets_dest and dest are one file")
        if self._is_folder and os.path.commonpath([self._main.path, place.path]) == self._main.path:
            message = "secrets_dest: %s is in the folder of dest, where dokploy_manifest reads all files"
            raise OptionError(message % place.label)
        return place

    def refuse(self, merge: bool = False) -> None:
        """Everything that can be refused before the server is read.

        :param merge: files that are there are changed in place, whoever has written them.
        :raises OptionError: a file cannot be written, or there is no vault password.
        :raises Refused: a file is not of an export.
        """
        if self._is_folder:
            self._refuse_folder()
        else:
            refuse_unwritable(self._main)
            self._refuse_foreign([] if merge else [self._main])
        if self._secrets is not None:
            refuse_unwritable(self._secrets)
            if self._how == "vault":
                self._vault.refuse_missing(self._secrets)
            if not self._force:
                secrets_file.refuse_foreign(self._secrets, self._name_for_secrets(), self._vault)

    def _refuse_folder(self) -> None:
        for folder in self._folders():
            if not os.path.lexists(folder.path):
                refuse_unwritable(folder)
                return
            if not os.path.isdir(folder.path):
                raise folder.error("is no folder", "A path that ends in .yml or .yaml is a file.")
            refuse_unwritable(self._in_folder(os.path.join(os.path.relpath(folder.path, self._main.path), "x.yml")))

    def _refuse_foreign(self, places: Sequence[OutputFile]) -> None:
        contents = ((place, place.content()) for place in places)
        foreign = [place.label for place, content in contents if content is not None and not is_ours(content)]
        if foreign and not self._force:
            sentence = "dest: %s exists, and dokploy_export has not written it"
            if len(foreign) > 1:
                sentence = "dest: %s exist, and dokploy_export has not written them"
            raise Refused(sentence % enumerated(foreign), hint="Overwrite what is there with force: true.")

    def write(self, exported: Exported, whole: bool, check_mode: bool) -> Dict[str, Any]:
        """Write what differs.

        :param whole: the export is of all projects, so that files of others are removed.
        :return: the keys of the result of the task.
        :raises OptionError: a file cannot be written. :raises Refused: the text is not that of the document.
        """
        parts = (
            document_files(exported.document, exported.comments)
            if self._is_folder
            else [DocumentFile("", *exported[:2])]
        )
        places = [self._in_folder(part.name) if part.name else self._main for part in parts]
        self._refuse_foreign(places)
        ours, foreign = self._others({place.path for place in places})
        left = foreign if whole else [*ours, *foreign]
        variables = self._with_those_of(left, exported.secrets)
        texts = self._proven(list(zip(places, parts)), exported.secrets, variables)
        changes = _changes(texts, ours if whole else [])
        of_secrets = self._change_of_secrets(variables)
        return self.carry_out(Writing(places, changes, of_secrets, bool(variables), left), check_mode)

    def carry_out(self, writing: Writing, check_mode: bool) -> Dict[str, Any]:
        """Write files.

        :return: the keys of the result of the task.
        :raises OptionError: one of them cannot be written.
        """
        places, changes, of_secrets, has_secrets, left = writing
        if not check_mode:
            missing = [folder for folder in self._folders() if not os.path.isdir(folder.path)]
            write_files([*changes, *filter(None, [of_secrets])], missing if changes else [])
        with_secrets = self._secrets is not None and (has_secrets or of_secrets)
        return {
            "changed": bool(changes or of_secrets),
            "dest": self._main.path,
            "files": self.names(places),
            "changed_files": self.names(change.place for change in changes if change.after is not None),
            "removed_files": self.names(change.place for change in changes if change.after is None),
            "left_files": self.names(left),
            "secrets_dest": self._secrets.path if self._secrets and with_secrets else None,
            "diff": [_difference(change) for change in changes],
        }

    def _proven(
        self, parts: Sequence[Tuple[OutputFile, DocumentFile]], secrets: Mapping[str, Any], variables: Mapping[str, Any]
    ) -> List[Tuple[OutputFile, str]]:
        """The text of each file. :param parts: in the order in which they are read."""
        texts = [(place, self._text(part, secrets)) for place, part in parts]
        proof.prove_files(
            [(place.path, place.label, text) for place, text in texts],
            read_as([part for _place, part in parts]),
            secrets,
            self.secrets_text(variables),
            self._loader,
            self._templar,
        )
        return texts

    def _with_those_of(self, left: Sequence[OutputFile], secrets: Mapping[str, Any]) -> Mapping[str, Any]:
        """The variables of an export, with those that other files in the folder take.

        :raises Refused: these take another value.
        """
        if self._secrets is None or not left:
            return secrets
        texts = [(place.label, (place.content() or b"").decode("utf-8", errors="replace")) for place in left]
        return secrets_file.merged_variables(self._secrets, self._vault, secrets, texts, self._force)

    def _text(self, part: DocumentFile, secrets: Mapping[str, Any]) -> str:
        return yaml_writer.document_text(part.document, HEAD_LINES, part.comments, secrets)

    def secrets_text(self, secrets: Mapping[str, Any]) -> str:
        """The text of a new file of secrets."""
        return secrets_file.secrets_text(secrets, self._name_for_secrets())

    def _change_of_secrets(self, secrets: Mapping[str, Any]) -> Optional[FileChange]:
        if self._secrets is None or not (secrets or os.path.exists(self._secrets.path)):
            return None
        return self.change_of_secrets(self.secrets_text(secrets))

    def secrets_now(self) -> Optional[str]:
        """The text of the file of secrets; C(None) if there is none of an export."""
        content = self._secrets.content() if self._secrets is not None else None
        plain = self._vault.decrypted(content) if content is not None else None
        return None if plain is None or not is_ours(plain) else plain.decode("utf-8")

    def change_of_secrets(self, text: str) -> Optional[FileChange]:
        """What becomes of the file of secrets."""
        if self._secrets is None:
            return None
        return secrets_file.change_of(self._secrets, text, self._vault, self._how == "vault")

    # --- paths ---

    @property
    def is_folder(self) -> bool:
        return self._is_folder

    @property
    def keeps_secrets(self) -> bool:
        """Whether there is a file for them."""
        return self._secrets is not None

    def documents(self) -> List[OutputFile]:
        """The files of the document that exist, in the order in which they are read."""
        if not self._is_folder:
            return [self._main] if self._main.content() is not None else []
        if not os.path.isdir(self._main.path):
            return []
        return [self._in_folder(name) for name in sorted(files_below(self._main.path))]

    def place_in(self, name: str) -> OutputFile:
        """A file of the folder; the file itself if there is no folder."""
        return self._in_folder(name) if self._is_folder else self._main

    def _folders(self) -> List[OutputFile]:
        """Those of the document, the outer one first."""
        return [self._main, self._in_folder("projects")] if self._is_folder else []

    def _in_folder(self, name: str) -> OutputFile:
        path = os.path.realpath(os.path.join(self._main.path, name))
        return OutputFile(path, os.path.join(self._main.label, os.path.normpath(name)), "dest")

    def _others(self, wanted: Any) -> Tuple[List[OutputFile], List[OutputFile]]:
        """Further files in the folder: those of earlier exports, and those that are not of an export."""
        ours: List[OutputFile] = []
        foreign: List[OutputFile] = []
        if self._is_folder and os.path.isdir(self._main.path):
            for name in sorted(files_below(self._main.path)):
                place = self._in_folder(name)
                if place.path not in wanted:
                    (ours if is_ours(place.content() or b"") else foreign).append(place)
        return ours, foreign

    def names(self, places: Iterable[OutputFile]) -> List[str]:
        """Paths as results show them: from the folder of C(dest)."""
        folder = self._main.path if self._is_folder else os.path.dirname(self._main.path)
        return [os.path.relpath(place.path, folder) for place in places]

    def _name_for_secrets(self) -> str:
        """The document as the file of its secrets calls it, wherever both are copied to."""
        folder = os.path.dirname(self._secrets.path if self._secrets else self._main.path)
        return os.path.relpath(self._main.path, folder)


def _changes(texts: Iterable[Tuple[OutputFile, str]], removed: Iterable[OutputFile]) -> List[FileChange]:
    written = [FileChange(place, place.content(), text.encode("utf-8")) for place, text in texts]
    gone = [FileChange(place, place.content(), None) for place in removed]
    return [change for change in [*written, *gone] if change.before != change.after]


def _difference(change: FileChange) -> Dict[str, Any]:
    """What C(--diff) shows of a file, as modules of Ansible do."""
    label, most = change.place.label, constants.MAX_FILE_SIZE_FOR_DIFF
    difference: Dict[str, Any] = {"before_header": label, "after_header": label}
    for side, content in (("before", change.before), ("after", change.after)):
        if most and len(content or b"") > most:
            difference["dst_larger" if side == "before" else "src_larger"] = most
        else:
            difference[side] = (content or b"").decode("utf-8", errors="replace")
    return difference
