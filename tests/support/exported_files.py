# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An export with its files, as the action makes it, without a process of Ansible."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ansible.parsing.dataloader import DataLoader

from ansible_collections.community.dokploy.plugins.module_utils._export.export import OPERATION
from ansible_collections.community.dokploy.plugins.plugin_utils._document.source import DocumentSource, read_files
from ansible_collections.community.dokploy.plugins.plugin_utils._document.yaml_reader import YamlReader
from ansible_collections.community.dokploy.plugins.plugin_utils._export.action import read_left
from ansible_collections.community.dokploy.plugins.plugin_utils._export.merge import Merge
from ansible_collections.community.dokploy.plugins.plugin_utils._export.target import OutputTarget
from tests.support.host import Host
from tests.support.odd_documents import ansible_templar


def export(
    host: Host, folder: Path, dest: str = "shop.yml", plain_env: Sequence[str] = (), **scope: Any
) -> dict[str, Any]:
    """The result of an export into a folder, with the secrets in a file that is not encrypted."""
    left = folder / "left"
    result = host.run(OPERATION, scope=scope or None, secrets_file=str(left), plain_env=list(plain_env))
    assert not result.get("failed"), result
    target = _target(folder, dest)[0]
    found = read_left(str(left))
    left.unlink()
    return {**result, **target.write(found, not scope, False)}


def merge(host: Host, folder: Path, dest: str = "shop.yml", leave: bool = False) -> dict[str, Any]:
    """The result of a further export into files that exist, with C(merge)."""
    target, loader, templar = _target(folder, dest)
    change = Merge(target, leave, loader, templar)
    assert change.source is not None
    left, document = folder / "left", folder / "document"
    document.write_text(json.dumps(change.source.document, default=str))
    result = host.run(OPERATION, secrets_file=str(left), document_file=str(document))
    document.unlink()
    assert not result.get("failed"), result.get("msg")
    found = read_left(str(left))
    left.unlink()
    return {**result, **change.write(found, False)}


def _target(folder: Path, dest: str) -> tuple[OutputTarget, DataLoader, Any]:
    loader = DataLoader()
    loader.set_basedir(str(folder))
    options = {"dest": dest, "force": False, "secrets": "file", "secrets_dest": None}
    templar = SimpleNamespace(copy_with_new_env=ansible_templar)
    return OutputTarget(options, loader, templar), loader, templar


def read(folder: Path, dest: str = "shop.yml") -> DocumentSource:
    """What dokploy_manifest reads of the files of an export, with the variables of its secrets."""
    loader, path = DataLoader(), folder / dest
    paths = sorted(path.rglob("*.yml")) if path.is_dir() else [path]
    secrets = folder / "secrets.yml"
    variables = variables_of(secrets, loader) if secrets.exists() else {}
    return read_files([(str(one), one.name) for one in paths], loader, ansible_templar(variables))


def variables_of(path: Path, loader: DataLoader) -> Any:
    """The variables of a file as vars_files has them, whose templates Ansible renders."""
    content, _show = loader._get_file_contents(str(path))
    return YamlReader(loader).parse(bytes(content).decode(), str(path), path.name)[0]
