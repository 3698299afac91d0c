# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ZIP archives as the server unpacks them into an application's code folder, quirks included (read in the source)."""

from __future__ import annotations

import hashlib
import posixpath
import re
import zipfile
import zlib
from typing import BinaryIO

from ..api.errors import internal
from ..store.store import Row, Store
from . import files

BASE = "/etc/dokploy"
# A name with any other character, an @ or an umlaut, is taken for an attempt to leave the folder.
VALID = re.compile(r"[\w/. :\[\]-]{1,500}", re.ASCII)
UTF8 = 0x800
ENCRYPTED = 0x1
FOLDER_ENDS = ("/", "\\")
KIND_OF_FILE = 0o170000
# Symbolic link, block device, character device, pipe.
DANGEROUS = (0o120000, 0o060000, 0o020000, 0o010000)
CHUNK = 1024 * 1024


def accept(store: Store, application: Row, archive: BinaryIO) -> None:
    """Unpack an upload. The folder is emptied before the file is looked at, and what lay before the entry that is
    refused stays. Raises the server's error."""
    upload = store.uploads.setdefault(application["applicationId"], {"count": 0})
    upload |= {"files": {}, "bytes": 0}
    folder = f"{BASE}/applications/{application['appName']}/code"
    files.remove(store, folder)
    store.code[application["appName"]] = "upload"
    if not zipfile.is_zipfile(archive):
        raise internal("ADM-ZIP: Invalid or unsupported zip format. No END header found")
    try:
        with zipfile.ZipFile(archive) as opened:
            _unpack(store, upload, folder, opened)
    except zipfile.BadZipFile:
        raise internal("ADM-ZIP: Invalid CEN header (bad signature)") from None
    except OSError as error:
        raise internal(str(error)) from None
    upload["count"] += 1


def _name(entry: zipfile.ZipInfo) -> str:
    """The server's library reads all names as UTF-8, also where the archive does not say that they are."""
    return entry.filename if entry.flag_bits & UTF8 else entry.filename.encode("cp437").decode("utf-8", "replace")


def _unpack(store: Store, upload: Row, folder: str, archive: zipfile.ZipFile) -> None:
    entries = [(_name(entry), entry) for entry in archive.infolist()]
    entries = [(name, entry) for name, entry in entries if not name.startswith("__MACOSX")]
    root = _only_folder([name for name, _entry in entries])
    sizes: dict[str, int] = {}
    for full_name, entry in entries:
        name = full_name.removeprefix(root)
        if not name:
            continue
        path = posixpath.normpath(posixpath.join(folder, name.lstrip("/"))).replace("\\", "/")
        if not VALID.fullmatch(path) or not f"{posixpath.normpath(path)}/".startswith(f"{BASE}/"):
            raise internal(f"Path traversal detected: resolved path escapes output directory: {name}")
        if (entry.external_attr >> 16) & KIND_OF_FILE in DANGEROUS:
            raise internal(f"Dangerous node entries are not allowed: {full_name}")
        if full_name.endswith(FOLDER_ENDS):
            files.make_folders(store, posixpath.normpath(path))
            continue
        digest, size = _content(archive, full_name, entry)
        files.create(store, posixpath.dirname(path), posixpath.basename(path), "")
        # What is allowed to lie beside the code folder, but below Dokploy's own, is shown with its dots.
        relative = posixpath.relpath(path, folder)
        upload["bytes"] += size - sizes.get(relative, 0)
        upload["files"][relative], sizes[relative] = digest, size


def _only_folder(names: list[str]) -> str:
    """The one folder that holds everything, with its slash. An archive tells it only by an entry of its own."""
    top = [name for name in names if name.count("/") == 0 or (name.count("/") == 1 and name.endswith("/"))]
    return f"{top[0].split('/')[0]}/" if len(top) == 1 and top[0].endswith(FOLDER_ENDS) else ""


def _content(archive: zipfile.ZipFile, name: str, entry: zipfile.ZipInfo) -> tuple[str, int]:
    """The SHA-256 and the size of a file, read piece by piece."""
    if entry.compress_size and entry.flag_bits & ENCRYPTED:
        raise internal("ADM-ZIP: Incompatible password parameter")
    if entry.compress_size and entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise internal("ADM-ZIP: Invalid/unsupported compression method")
    digest, size = hashlib.sha256(), 0
    try:
        with archive.open(entry) as content:
            while chunk := content.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except (zipfile.BadZipFile, zlib.error):
        raise internal(f'ADM-ZIP: CRC32 checksum failed "{name}"') from None
    return digest.hexdigest(), size


def missing(store: Store, application: Row) -> str:
    """What a build of the upload does not find; empty when it finds all."""
    unpacked = store.uploads.get(application["applicationId"], {}).get("files", {})
    if not unpacked:
        return "the code folder is empty"
    if application["buildType"] != "dockerfile":
        return ""
    dockerfile = application["dockerfile"] or "Dockerfile"
    path = posixpath.normpath(f"/{application['dropBuildPath'] or ''}/{dockerfile}").lstrip("/")
    name = posixpath.basename(path)
    return "" if path in unpacked else f"failed to read dockerfile: open {name}: no such file or directory"
