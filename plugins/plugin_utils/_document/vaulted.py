# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is encrypted by Ansible Vault, and why it cannot be read: in the words of what to do, where Ansible has those of
its classes.
"""

from __future__ import annotations

from typing import Any, List, Optional, Sequence, Tuple

from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, is_encrypted, parse_vaulttext_envelope

from ansible_collections.community.dokploy.plugins.module_utils._errors import enumerated

# What ansible-vault calls a password without an ID.
_DEFAULT_ID = "default"


class Locked(Exception):
    """The text is encrypted, and no vault password of this run opens it; the message says what to do."""


def opened(content: bytes, what: str, loader: DataLoader) -> bytes:
    """The content of a file, decrypted if it is encrypted.

    :param what: how messages call it.
    :raises Locked: no vault password of this run opens it.
    """
    if not is_encrypted(content):
        return content
    passwords = vault_passwords(loader)
    if passwords:
        try:
            return bytes(VaultLib(passwords).decrypt(content))
        except AnsibleError:
            pass
    raise Locked(locked(what, loader, _vault_id(content)))


def vault_passwords(loader: DataLoader) -> List[Tuple[str, Any]]:
    """The IDs and passwords that Ansible was started with."""
    return list(loader._vault.secrets or ())


def locked(what: str, loader: DataLoader, vault_id: Optional[str] = None) -> str:
    """Why nothing opens a text, and what to do. :param vault_id: that it was encrypted with, where it has one."""
    names = sorted({name for name, _password in vault_passwords(loader)})
    if not names:
        return (
            "%s is encrypted with Ansible Vault, and Ansible was started without a vault password. "
            "Start it with --vault-password-file FILE or --ask-vault-pass" % what
        )
    wanted = " It was encrypted with the vault ID %s" % vault_id if vault_id else ""
    return (
        "%s is encrypted with Ansible Vault, and the vault password%s of this run does not open it%s.%s "
        "Start Ansible with the vault password that the file was encrypted with"
        % (what, "s" if len(names) > 1 else "", _named(names), wanted + "." if wanted else "")
    )


def _named(names: Sequence[str]) -> str:
    return " (vault IDs %s)" % enumerated(names) if list(names) != [_DEFAULT_ID] else ""


def _vault_id(content: bytes) -> Optional[str]:
    try:
        name: Optional[str] = parse_vaulttext_envelope(content)[3]
    except AnsibleError:
        return None
    return name if name != _DEFAULT_ID else None
