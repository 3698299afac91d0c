# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of file mounts, as far as they can be in each other's way."""

from __future__ import annotations

import posixpath

from ..store.store import Row, Store


def folder_of(kind: str, app_name: str) -> str:
    base = "compose" if kind == "compose" else "applications"
    return f"/etc/dokploy/{base}/{app_name}/files"


def create(store: Store, folder: str, file_path: str, content: str) -> None:
    """Raises ``OSError`` with Node's words. A file without a path takes the place of the folder, or fails for it."""
    path = posixpath.normpath(f"{folder}/{file_path}")
    if file_path.endswith("/"):
        make_folders(store, path)
        return
    make_folders(store, posixpath.dirname(path))
    if path in store.folders:
        raise OSError(f"EISDIR: illegal operation on a directory, open '{path}'")
    store.files[path] = content


def make_folders(store: Store, path: str) -> None:
    if path in store.files:
        raise OSError(f"EEXIST: file already exists, mkdir '{path}'")
    above = posixpath.dirname(path)
    while above != "/":
        if above in store.files:
            raise OSError(f"ENOTDIR: not a directory, mkdir '{path}'")
        above = posixpath.dirname(above)
    while path != "/":
        store.folders.add(path)
        path = posixpath.dirname(path)


def rewrite(store: Store, folder: str, row: Row) -> None:
    """An update writes the content; that it cannot is no one's error."""
    path = posixpath.normpath(f"{folder}/{row['filePath']}")
    if row["filePath"] and path not in store.folders and posixpath.dirname(path) in store.folders:
        store.files[path] = row["content"] or ""


def remove(store: Store, path: str) -> None:
    """``rm -rf``"""
    path = posixpath.normpath(path)
    store.files = {name: text for name, text in store.files.items() if name != path and not name.startswith(f"{path}/")}
    store.folders = {name for name in store.folders if name != path and not name.startswith(f"{path}/")}
