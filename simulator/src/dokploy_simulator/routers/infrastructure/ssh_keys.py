# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router sshKey."""

from __future__ import annotations

import base64

from ...api.errors import ValidationError, bad_request
from ...store.randomness import RANDOM
from ...store.store import Row, new_id, now
from ..common import find, forget, newest_first
from ..procedures import UNDEFINED, Context, procedure


@procedure("sshKey.generate")
def generate_ssh_key(_ctx: Context, data: Row) -> Row:
    """A pair in OpenSSH's format, of random numbers: only ``ssh_hosts`` tells whether it fits. RSA by default."""
    kind = f"ssh-{data.get('type', 'rsa')}"
    public = strings(kind.encode(), RANDOM.randbytes(32))
    private = b"openssh-key-v1\0" + strings(b"none", b"none", b"") + (1).to_bytes(4, "big") + strings(public, b"")
    text = base64.b64encode(private + RANDOM.randbytes(32)).decode()
    head, tail = "-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----"
    encoded = base64.b64encode(public).decode()
    return {"privateKey": f"{head}\n{text}\n{tail}\n", "publicKey": f"{kind} {encoded} dokploy"}


def strings(*parts: bytes) -> bytes:
    """Strings as SSH writes them: each after its length."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


@procedure("sshKey.create")
def create_ssh_key(ctx: Context, data: Row) -> object:
    issues = []
    if "PRIVATE KEY" not in data["privateKey"]:
        issues.append({"code": "custom", "path": ["privateKey"], "message": "Invalid private key format"})
    if not data["publicKey"].startswith(("ssh-", "ecdsa-")):
        issues.append({"code": "custom", "path": ["publicKey"], "message": "Invalid public key format"})
    if issues:
        raise ValidationError(issues)
    ctx.store.ssh_keys.insert(
        {
            "sshKeyId": new_id(),
            "privateKey": data["privateKey"],
            "publicKey": data["publicKey"],
            "name": data["name"],
            "description": data.get("description"),
            "createdAt": now(),
            "lastUsedAt": None,
            "organizationId": ctx.identity.organization_id,
        }
    )
    return UNDEFINED


@procedure("sshKey.all")
def all_ssh_keys(ctx: Context, _data: Row) -> list[Row]:
    return newest_first(ctx.store.ssh_keys)


@procedure("sshKey.allForApps")
def all_ssh_keys_for_apps(ctx: Context, _data: Row) -> list[Row]:
    return [{"sshKeyId": row["sshKeyId"], "name": row["name"]} for row in newest_first(ctx.store.ssh_keys)]


@procedure("sshKey.one")
def one_ssh_key(ctx: Context, data: Row) -> Row:
    return dict(find(ctx.store.ssh_keys, data["sshKeyId"], "SSH Key not found"))


@procedure("sshKey.update")
def update_ssh_key(ctx: Context, data: Row) -> Row:
    row = find(ctx.store.ssh_keys, data["sshKeyId"], "SSH Key not found")
    values: Row = {name: data[name] for name in ("name", "description", "lastUsedAt") if name in data}
    if not values:
        raise bad_request("Error updating this SSH key")
    return dict(ctx.store.ssh_keys.update(row, ctx.drop("sshKey.update", values)))


@procedure("sshKey.remove")
def remove_ssh_key(ctx: Context, data: Row) -> Row:
    row = ctx.store.ssh_keys.delete(find(ctx.store.ssh_keys, data["sshKeyId"], "SSH Key not found"))
    forget(ctx, ("customGitSSHKeyId", "sshKeyId"), row["sshKeyId"])
    return dict(row)
