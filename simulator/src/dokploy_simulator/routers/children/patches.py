# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router patch: files that a build changes after the clone, and the clone in which a user looks at them."""

from __future__ import annotations

from ...api.errors import bad_request, internal
from ...api.sql_errors import failed_insert, failed_update
from ...store.store import Row, new_id, now
from ..common import broken_keys, find
from ..procedures import Context, procedure

COLUMNS = tuple("patchId type filePath enabled content createdAt updatedAt applicationId composeId".split())
PLACE = "/etc/dokploy/patch-repos"


def siblings(ctx: Context, row: Row) -> list[Row]:
    """The other patches of the same service."""
    patches = ctx.store.patches.of("applicationId", row.get("applicationId"))
    patches += ctx.store.patches.of("composeId", row.get("composeId"))
    return [other for other in patches if other["patchId"] != row["patchId"]]


def by_path(ctx: Context, data: Row) -> Row | None:
    rows = ctx.store.patches.of(f"{data['type']}Id", data["id"])
    return next((row for row in rows if row["filePath"] == data["filePath"]), None)


def insert(ctx: Context, values: Row) -> Row:
    """One patch a file and service: the second is refused by the database, its content in the text. ``enabled`` is
    always true, whatever was sent."""
    stamp = now()
    given = {"patchId": new_id(), **values, "enabled": True, "createdAt": stamp, "updatedAt": stamp}
    taken = any(other["filePath"] == given["filePath"] for other in siblings(ctx, given))
    if taken or broken_keys(ctx.store, values):
        raise internal(failed_insert("patch", COLUMNS, given))
    row = {**dict.fromkeys(COLUMNS), "type": "update", **ctx.drop("patch.create", given)}
    return dict(ctx.store.patches.insert(row))


def change(ctx: Context, row: Row, values: Row) -> Row:
    """Unlike a new patch, a changed one gets a line's end behind its content."""
    values = {**values, "updatedAt": now()}
    if values.get("content") and not values["content"].endswith("\n"):
        values["content"] += "\n"
    if any(other["filePath"] == values.get("filePath") for other in siblings(ctx, row)):
        raise internal(failed_update("patch", COLUMNS, values, "patchId", row["patchId"]))
    return dict(ctx.store.patches.update(row, ctx.drop("patch.update", values)))


@procedure("patch.create")
def create_patch(ctx: Context, data: Row) -> Row:
    if data.get("applicationId") is None and data.get("composeId") is None:
        raise bad_request("Either applicationId or composeId must be provided")
    return insert(ctx, data)


@procedure("patch.one")
def one_patch(ctx: Context, data: Row) -> Row:
    return dict(find(ctx.store.patches, data["patchId"], "Patch not found"))


@procedure("patch.byEntityId")
def patches_by_entity(ctx: Context, data: Row) -> list[Row]:
    return sorted(ctx.store.patches.of(f"{data['type']}Id", data["id"]), key=lambda row: row["filePath"])


@procedure("patch.update")
def update_patch(ctx: Context, data: Row) -> Row:
    row = find(ctx.store.patches, data["patchId"], "Patch not found")
    return change(ctx, row, {name: value for name, value in data.items() if name != "patchId"})


@procedure("patch.toggleEnabled")
def toggle_patch(ctx: Context, data: Row) -> Row:
    """No toggle: it sets what was sent."""
    return change(ctx, find(ctx.store.patches, data["patchId"], "Patch not found"), {"enabled": data["enabled"]})


@procedure("patch.delete")
def delete_patch(ctx: Context, data: Row) -> Row:
    return dict(ctx.store.patches.delete(find(ctx.store.patches, data["patchId"], "Patch not found")))


@procedure("patch.saveFileAsPatch")
def save_file_as_patch(ctx: Context, data: Row) -> Row:
    values = {"content": data["content"], "type": data.get("patchType", "update")}
    patch = by_path(ctx, data)
    if patch is not None:
        return change(ctx, patch, values)
    return insert(ctx, {**values, "filePath": data["filePath"], f"{data['type']}Id": data["id"]})


@procedure("patch.markFileForDeletion")
def mark_for_deletion(ctx: Context, data: Row) -> Row:
    values = {"content": "", "type": "delete"}
    patch = by_path(ctx, data)
    if patch is not None:
        return change(ctx, patch, values)
    return insert(ctx, {**values, "filePath": data["filePath"], f"{data['type']}Id": data["id"]})


def service(ctx: Context, data: Row) -> Row:
    return find(ctx.store.services[data["type"]], data["id"], f"{data['type'].capitalize()} not found")


@procedure("patch.ensureRepo")
def ensure_repo(ctx: Context, data: Row) -> str:
    """Clones the repository for looking at it; its path. A service without a repository has an empty one."""
    row = service(ctx, data)
    path = f"{PLACE}/{data['type']}/{row['appName']}"
    if row["sourceType"] == "git":
        url, branch = row["customGitUrl"] or "", row["customGitBranch"] or ""
        if ctx.instance.build_outcomes.branch(ctx.store, url, branch) is None:
            lost = f"fatal: Remote branch {branch} not found in upstream origin\n"
            raise internal(f"Command execution failed: Command failed: set -e;git clone {url}\n{lost}")
    ctx.store.patch_repos[path] = dict(ctx.instance.config.repository_files)
    return path


@procedure("patch.readRepoDirectories")
def read_repo_directories(ctx: Context, data: Row) -> list[Row]:
    """The tree of the files; a file has no ``children``."""
    service(ctx, data)
    path = data["repoPath"]
    if path not in ctx.store.patch_repos:
        raise internal(
            f"Failed to read repository: ExecError: Command execution failed: Command failed: cd {path} && git ls-tree "
            f"-r --name-only HEAD\n/bin/sh: 1: cd: can't cd to {path}\n"
        )
    root: Row = {"children": []}
    folders = {"": root}
    for file in sorted(ctx.store.patch_repos[path]):
        parent, parts = "", file.split("/")
        for index, part in enumerate(parts):
            here = f"{parent}/{part}" if parent else part
            entry: Row = {"name": part, "path": here, "type": "file"}
            if index < len(parts) - 1:
                entry = {**entry, "type": "directory", "children": []}
            if here not in folders:
                folders[here] = entry
                folders[parent]["children"].append(entry)
            parent = here
    children: list[Row] = root["children"]
    return children


@procedure("patch.readRepoFile")
def read_repo_file(ctx: Context, data: Row) -> str:
    """The patch's content rather than the file's; what a patch deletes is still shown."""
    row, patch = service(ctx, data), by_path(ctx, data)
    path = f"{PLACE}/{data['type']}/{row['appName']}"
    content: str | None = ctx.store.patch_repos.get(path, {}).get(data["filePath"])
    if patch is not None and patch["type"] != "delete" and patch["content"]:
        return str(patch["content"])
    if content is not None:
        return content
    if patch is not None and patch["type"] == "delete":
        return "(File not found in repo - will be removed if it exists)"
    file = f"{path}/{data['filePath']}"
    raise internal(f"Command execution failed: Command failed: cat {file}\ncat: {file}: No such file or directory\n")


@procedure("patch.cleanPatchRepos")
def clean_patch_repos(ctx: Context, _data: Row) -> bool:
    ctx.store.patch_repos.clear()
    return True
