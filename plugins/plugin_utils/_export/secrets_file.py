# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file with the secrets of an export: variables, encrypted with the vault password of the run of Ansible."""

from __future__ import annotations

import os
import re
import stat
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import yaml
from ansible import constants
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, is_encrypted, parse_vaulttext_envelope

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError, Refused, enumerated
from ansible_collections.community.dokploy.plugins.module_utils._export.marked import is_template
from ansible_collections.community.dokploy.plugins.plugin_utils._export.files import (
    MARK,
    FileChange,
    OutputFile,
    is_ours,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._export.yaml_writer import Template, document_text

_FOR = re.compile(r"^# %s for (.*)\.\r?$" % MARK, re.MULTILINE)


class Vault:
    """The vault passwords that Ansible was started with."""

    def __init__(self, loader: DataLoader) -> None:
        self._secrets: List[Tuple[str, Any]] = loader._vault.secrets or []

    def refuse_missing(self, place: OutputFile) -> None:
        """:raises OptionError: there is none that encrypts a file."""
        self._chosen(place.content())

    def encrypted(self, text: str, before: Optional[bytes]) -> bytes:
        """:param before: a file that is replaced, whose vault ID is kept."""
        name, secret = self._chosen(before)
        content: bytes = VaultLib(self._secrets).encrypt(text, secret, vault_id=name)
        return content

    def decrypted(self, content: bytes) -> Optional[bytes]:
        """What a file has; C(None) if no password fits. :param content: encrypted or not."""
        if not is_encrypted(content):
            return content
        try:
            return bytes(VaultLib(self._secrets).decrypt(content))
        except AnsibleError:
            return None

    def _chosen(self, before: Optional[bytes]) -> Tuple[str, Any]:
        """The ID and the secret that encrypt, as C(ansible-vault) chooses them."""
        if not self._secrets:
            raise OptionError(
                "secrets is vault, and Ansible was started without a vault password",
                hint="Start it with --vault-password-file or --ask-vault-pass, or set secrets to file or names_only.",
            )
        known = sorted({name for name, _secret in self._secrets})
        wanted = constants.DEFAULT_VAULT_ENCRYPT_IDENTITY
        if not wanted and len(known) > 1 and before is not None and is_encrypted(before):
            wanted = parse_vaulttext_envelope(before)[3]
        if not wanted and len(known) > 1:
            raise OptionError(
                "secrets is vault, and Ansible was started with the vault IDs %s" % enumerated(known),
                hint="Set ANSIBLE_VAULT_ENCRYPT_IDENTITY to the one that encrypts.",
            )
        for name, secret in self._secrets:
            if not wanted or name == wanted:
                return name, secret
        raise OptionError(
            "secrets is vault, and ANSIBLE_VAULT_ENCRYPT_IDENTITY is %s, which is none of the vault IDs of this run: %s"
            % (wanted, enumerated(known))
        )


def secrets_text(secrets: Mapping[str, Any], main: str) -> str:
    """The variables as YAML. :param main: the path of the document from the folder of the file."""
    head = ["%s for %s." % (MARK, _in_a_comment(main)), "The document takes these variables, see vars_files."]
    return document_text(secrets, head, secrets=secrets)


def refuse_foreign(place: OutputFile, main: str, vault: Vault) -> None:
    """:raises Refused: the file exists, and does not have the secrets of this document."""
    content = place.content()
    if content is None:
        return
    plain = vault.decrypted(content)
    if plain is None:
        raise _refusal(place, "is encrypted with another vault password")
    match = _FOR.search(plain.decode("utf-8", errors="replace")) if is_ours(plain) else None
    if match is None:
        raise _refusal(place, "exists, and dokploy_export has not written it")
    if match[1] != _in_a_comment(main):
        raise _refusal(place, "has the secrets of %s" % match[1])


def change_of(place: OutputFile, text: str, vault: Vault, encrypt: bool) -> Optional[FileChange]:
    """What becomes of the file; C(None) if it has these variables already."""
    before = place.content()
    wanted = text.encode("utf-8")
    if before is not None and is_encrypted(before) == encrypt and vault.decrypted(before) == wanted:
        is_open = stat.S_IMODE(os.stat(place.path).st_mode) & 0o077
        # Git does not keep the mode of an encrypted file.
        if encrypt or not is_open:
            return None
    after = vault.encrypted(text, before) if encrypt else wanted
    return FileChange(place, before, after, private=True)


def merged_variables(
    place: OutputFile, vault: Vault, secrets: Mapping[str, Any], texts: Sequence[Tuple[str, str]], force: bool
) -> Dict[str, Any]:
    """The variables of an export, with those of the file that are still needed, in the order of the file.

    :param texts: the path and the text of each file that the export leaves as it is.
    :raises Refused: one of these takes a variable that has another value now.
    """
    known = variables_of(vault.decrypted(place.content() or b"") or b"")
    taken = {name: path for path, text in texts for name in re.findall(r"[A-Za-z_]\w*", text) if name in known}
    for name, path in taken.items():
        if name in secrets and not force and not is_equal(known[name], secrets[name]):
            sentence = "%s: %s has another value of %s, which %s takes" % (place.option, place.label, name, path)
            raise Refused(sentence, hint="Export all projects, or set dest to another folder.")
    return {**{name: value for name, value in known.items() if name in taken or name in secrets}, **secrets}


def is_equal(known: Any, wanted: Any) -> bool:
    """Whether two values of variables are one, and both are templates or not."""
    return document_text({"": known}) == document_text({"": wanted})


def variables_of(content: bytes) -> Dict[str, Any]:
    """The variables of a file, with templates as they are; none if it is none of an export."""
    try:
        variables = yaml.load(content.decode("utf-8"), _Reader) if is_ours(content) else None
    except (yaml.YAMLError, UnicodeDecodeError):
        return {}
    return variables if isinstance(variables, dict) else {}


class _Reader(yaml.SafeLoader):
    """Reads what C(document_text) writes."""


def _text(reader: yaml.SafeLoader, node: Any) -> str:
    text = str(reader.construct_scalar(node))
    return Template(text) if is_template(text) and node.tag != "!unsafe" else text


_Reader.add_constructor("tag:yaml.org,2002:str", _text)
_Reader.add_constructor("!unsafe", _text)


def _refusal(place: OutputFile, sentence: str) -> Refused:
    hint = "Set secrets_dest to another file, or overwrite this one with force: true."
    return Refused("%s: %s %s" % (place.option, place.label, sentence), hint=hint)


def _in_a_comment(path: str) -> str:
    return re.sub(r"[^\x20-\x7e\xa0-\ud7ff]", "?", path)
