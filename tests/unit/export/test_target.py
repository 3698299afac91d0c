# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An export on the controller: its files and their secrets, what is refused, and all of it written or nothing."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from ansible import constants
from ansible.parsing import vault
from ansible.parsing.dataloader import DataLoader

from ansible_collections.community.dokploy.plugins.module_utils._errors import DokployError, OptionError, Refused
from ansible_collections.community.dokploy.plugins.module_utils._export.marked import Secret, with_secrets
from ansible_collections.community.dokploy.plugins.module_utils._manifest.reference_text import Reference
from ansible_collections.community.dokploy.plugins.plugin_utils._document import source as document_source
from ansible_collections.community.dokploy.plugins.plugin_utils._document.source import read_files
from ansible_collections.community.dokploy.plugins.plugin_utils._export import yaml_writer
from ansible_collections.community.dokploy.plugins.plugin_utils._export.target import Exported, OutputTarget
from tests.support.exported_files import variables_of
from tests.support.odd_documents import ansible_templar

CANARY = "s3cret-canary"
DOCUMENT: dict[str, Any] = {
    "version": 1,
    "registries": [{"name": "ghcr", "password": Secret("vault_ghcr_password").text}],
    "projects": [
        {"name": "web", "env": {"A": "{{ literal }}", "URL": Reference("", ("db",), "internal_url").text}},
        {"name": "a/b", "env": {"TOKEN": Secret("vault_a_b_env", "TOKEN").text}},
    ],
}
COMMENTS = [{"path": ["projects", 1, "env"], "text": "of a/b"}]
SECRETS: dict[str, Any] = {"vault_ghcr_password": CANARY, "vault_a_b_env": {"TOKEN": "{{ " + CANARY}}
FOUND = Exported(DOCUMENT, COMMENTS, SECRETS)
OTHER = Exported({"version": 1, "projects": DOCUMENT["projects"][:1]}, [], {})

Export = Callable[..., dict[str, Any]]


@pytest.fixture
def loader(tmp_path: Path) -> DataLoader:
    found = DataLoader()
    found.set_basedir(str(tmp_path))
    return found


@pytest.fixture
def passwords(loader: DataLoader) -> Callable[..., None]:
    """Starts Ansible with vault passwords: C(passwords(dev="x"))."""

    def started(**known: str) -> None:
        loader.set_vault_secrets([(name, vault.VaultSecret(text.encode())) for name, text in known.items()])

    return started


@pytest.fixture
def export(loader: DataLoader) -> Export:
    def exported(found: Exported = FOUND, whole: bool = True, check: bool = False, **options: Any) -> dict[str, Any]:
        given = {"dest": "shop.yml", "force": False, "secrets": "file", "secrets_dest": None, **options}
        templar = SimpleNamespace(copy_with_new_env=ansible_templar)
        target = OutputTarget(given, loader, templar)
        target.refuse()
        return target.write(found, whole, check)

    return exported


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def read(folder: Path, loader: DataLoader, *names: str) -> Any:
    """What dokploy_manifest reads of files, with the variables of the file with secrets."""
    variables = variables_of(folder / "secrets.yml", loader)
    return read_files([(str(folder / name), name) for name in names], loader, ansible_templar(variables)).document


def test_a_file_and_its_secrets_are_written_once(tmp_path: Path, loader: DataLoader, export: Export) -> None:
    before = os.umask(0o022)
    try:
        predicted = export(check=True)
        assert files(tmp_path) == {}
        written = export()
    finally:
        os.umask(before)
    assert predicted == written
    (shown,) = written.pop("diff")
    assert shown == {
        "before_header": "shop.yml",
        "after_header": "shop.yml",
        "before": "",
        "after": (tmp_path / "shop.yml").read_text(),
    }
    assert written == {
        "changed": True,
        "dest": str(tmp_path / "shop.yml"),
        "files": ["shop.yml"],
        "changed_files": ["shop.yml"],
        "removed_files": [],
        "left_files": [],
        "secrets_dest": str(tmp_path / "secrets.yml"),
    }
    assert read(tmp_path, loader, "shop.yml") == with_secrets(DOCUMENT, SECRETS)
    assert CANARY not in (tmp_path / "shop.yml").read_text()
    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("shop.yml", "secrets.yml")] == [0o644, 0o600]
    content = files(tmp_path)
    assert set(content) == {"shop.yml", "secrets.yml"}
    again = export()
    assert (again["changed"], again["diff"], again["changed_files"]) == (False, [], [])
    assert files(tmp_path) == content


def test_a_folder_has_the_files_of_the_export_only(tmp_path: Path, loader: DataLoader, export: Export) -> None:
    folder = tmp_path / "doc"
    written = export(dest="doc")
    names = ["instance.yml", "projects/a-b.yml", "projects/web.yml"]
    assert written["files"] == written["changed_files"] == names
    assert sorted(files(tmp_path)) == [*(f"doc/{name}" for name in names), "secrets.yml"]
    expected = with_secrets(DOCUMENT, SECRETS)
    assert read(tmp_path, loader, *(f"doc/{name}" for name in names)) == {
        **expected,
        "projects": expected["projects"][::-1],
    }
    assert "    # of a/b\n    env:" in (folder / "projects/a-b.yml").read_text()
    (folder / "projects/of_a_user.yml").write_text("projects: []\n")
    (folder / "projects/notes.txt").write_text("left alone")
    part = export(OTHER, whole=False, dest="doc")
    assert not part["changed_files"] and not part["removed_files"]
    assert part["left_files"] == ["instance.yml", "projects/a-b.yml", "projects/of_a_user.yml"]
    predicted = export(OTHER, check=True, dest="doc")
    whole = export(OTHER, dest="doc")
    assert predicted["removed_files"] == whole["removed_files"] == ["instance.yml", "projects/a-b.yml"]
    assert whole["left_files"] == ["projects/of_a_user.yml"]
    assert [(one["before_header"], one["after"]) for one in whole["diff"]] == [
        ("doc/instance.yml", ""),
        ("doc/projects/a-b.yml", ""),
    ]
    assert sorted(files(folder)) == ["projects/notes.txt", "projects/of_a_user.yml", "projects/web.yml"]
    assert not export(OTHER, dest="doc")["changed"]


def test_names_only_writes_no_secret(tmp_path: Path, export: Export) -> None:
    assert export(secrets="names_only")["secrets_dest"] is None
    assert set(files(tmp_path)) == {"shop.yml"}
    assert not export(secrets="names_only")["changed"]


def test_secrets_that_are_gone_leave_an_empty_file(tmp_path: Path, loader: DataLoader, export: Export) -> None:
    assert export(OTHER)["secrets_dest"] is None
    export()
    assert export(OTHER)["secrets_dest"] == str(tmp_path / "secrets.yml")
    assert variables_of(tmp_path / "secrets.yml", loader) == {}


def test_a_file_that_others_could_read_is_closed(tmp_path: Path, export: Export) -> None:
    export()
    (tmp_path / "secrets.yml").chmod(0o640)
    (tmp_path / "shop.yml").chmod(0o660)
    changed = export()
    assert (changed["changed"], changed["diff"]) == (True, [])
    assert (tmp_path / "secrets.yml").stat().st_mode & 0o777 == 0o600
    export(OTHER)
    assert (tmp_path / "shop.yml").stat().st_mode & 0o777 == 0o660


def test_files_stay_those_of_their_owners(tmp_path: Path, export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    given = []

    def recorded(_file: int, *owner: int) -> None:
        given.append(owner)
        raise PermissionError(errno.EPERM, "Operation not permitted")

    export()
    monkeypatch.setattr(os, "fchown", recorded)
    assert export(OTHER)["changed_files"] == ["shop.yml"]
    found = tmp_path.stat()
    assert given == [(found.st_uid, found.st_gid)] * 2


# --- a part of what is there ---


def of_project(name: str, **secrets: Any) -> Exported:
    env = {key: Secret(variable, key).text for variable, keys in secrets.items() for key in keys}
    return Exported({"version": 1, "projects": [{"name": name, "env": env}]}, [], secrets)


def test_files_that_are_left_keep_their_variables(
    tmp_path: Path, loader: DataLoader, export: Export, passwords: Callable[..., None]
) -> None:
    passwords(default="x")
    url = Reference("", ("db",), "internal_url").text
    odd = {"A": "{{ literal }}\n", "B": f"{url}?a=1", "C": "\tx\r\n\n", "D": "{}", "yes": "1e3"}
    first = Exported(
        {"version": 1, "projects": [*of_project("a", vault_a=odd)[0]["projects"], {"name": "b"}, {"name": "c"}]},
        [],
        {"vault_c": "dropped", "vault_a": odd, "vault_b": "before"},
    )
    export(first, dest="doc", secrets="vault")
    second = of_project("b", vault_b={"X": CANARY}, vault_new={"Y": "y"})
    part = export(second, whole=False, dest="doc", secrets="vault")
    assert part["changed_files"] == ["projects/b.yml"]
    variables = variables_of(tmp_path / "secrets.yml", loader)
    assert list(variables) == ["vault_a", "vault_b", "vault_new"]
    assert read(tmp_path, loader, "doc/projects/a.yml") == {
        "version": 1,
        "projects": [{"name": "a", "env": odd}],
    }
    assert read(tmp_path, loader, "doc/projects/b.yml") == with_secrets(second.document, second.secrets)
    assert not export(second, whole=False, dest="doc", secrets="vault")["changed"]


def test_a_variable_that_a_file_that_is_left_takes_does_not_change(tmp_path: Path, export: Export) -> None:
    export(of_project("a-b", vault_a_b={"A": "x"}), dest="doc")
    before = files(tmp_path)
    message = "secrets_dest: secrets.yml has another value of vault_a_b, which doc/projects/a-b.yml takes. Export all"
    other = of_project("a_b", vault_a_b={"A": CANARY})
    refused(export, message, Refused, found=other, whole=False, dest="doc")
    assert files(tmp_path) == before
    assert export(other, whole=False, dest="doc", force=True)["changed"]


# --- vault ---


def test_secrets_are_encrypted_once(
    tmp_path: Path, loader: DataLoader, export: Export, passwords: Callable[..., None]
) -> None:
    passwords(default="x")
    export(secrets=None)
    path = tmp_path / "secrets.yml"
    content = path.read_bytes()
    assert content.startswith(b"$ANSIBLE_VAULT;1.1;AES256\n") and CANARY.encode() not in content
    assert path.stat().st_mode & 0o777 == 0o600
    # As Git leaves it.
    path.chmod(0o644)
    assert not export(secrets=None)["changed"]
    assert path.read_bytes() == content
    assert read(tmp_path, loader, "shop.yml") == with_secrets(DOCUMENT, SECRETS)
    assert export(secrets="file")["changed"]
    assert CANARY in path.read_text()
    changed = export(secrets="vault")
    assert (changed["changed"], changed["changed_files"], changed["diff"]) == (True, [], [])
    assert path.read_bytes().startswith(b"$ANSIBLE_VAULT")


def test_the_vault_id_is_that_of_the_setting_or_of_the_file(
    tmp_path: Path, export: Export, passwords: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords(dev="x", prod="y")
    refused(export, "secrets is vault, and Ansible was started with the vault IDs dev, prod", secrets=None)
    monkeypatch.setattr(constants, "DEFAULT_VAULT_ENCRYPT_IDENTITY", "prod")
    export(secrets=None)
    assert (tmp_path / "secrets.yml").read_text().startswith("$ANSIBLE_VAULT;1.2;AES256;prod\n")
    monkeypatch.setattr(constants, "DEFAULT_VAULT_ENCRYPT_IDENTITY", "other")
    refused(export, "ANSIBLE_VAULT_ENCRYPT_IDENTITY is other, which is none of the vault IDs", secrets=None)


def test_several_vault_ids_keep_that_of_the_file(
    tmp_path: Path, export: Export, passwords: Callable[..., None]
) -> None:
    passwords(prod="y")
    export(secrets=None)
    passwords(dev="x", prod="y")
    changed = Exported(DOCUMENT, [], {**SECRETS, "vault_ghcr_password": "another"})
    assert export(changed, secrets=None)["changed"]
    assert (tmp_path / "secrets.yml").read_text().startswith("$ANSIBLE_VAULT;1.2;AES256;prod\n")


# --- what is refused ---


def refused(export: Export, message: str, kind: type[DokployError] = OptionError, **options: Any) -> None:
    with pytest.raises(DokployError) as found:
        export(**options)
    assert message in str(found.value)
    assert found.value.__class__ is kind
    assert CANARY not in str(found.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"secrets": "vault"}, "secrets is vault, and Ansible was started without a vault password. Start it with"),
        ({"dest": ""}, "dest is empty; it takes a path"),
        ({"dest": "shop.json"}, "dest: shop.json ends in .json; a file of the document ends in .yml or .yaml"),
        ({"dest": "none/shop.yml"}, "dest: none/shop.yml cannot be written: there is no folder none"),
        ({"dest": "none/doc"}, "dest: none/doc cannot be written: there is no folder none"),
        ({"dest": "dir.yml"}, "dest: dir.yml is a folder"),
        ({"dest": "file"}, "dest: file is no folder. A path that ends in .yml or .yaml is a file."),
        ({"dest": "device.yml"}, "dest: device.yml is neither a file nor a folder"),
        ({"dest": "file/shop.yml"}, "dest: file/shop.yml cannot be written: there is no folder file"),
        ({"dest": "half"}, "dest: half/projects is no folder"),
        ({"secrets_dest": "none/s.yml"}, "secrets_dest: none/s.yml cannot be written: there is no folder none"),
        ({"secrets_dest": "dir.yml"}, "secrets_dest: dir.yml is a folder"),
        ({"secrets_dest": "shop.yml"}, "secrets_dest and dest are one file"),
        ({"secrets_dest": "link/shop.yml", "dest": "doc/shop.yml"}, "secrets_dest and dest are one file"),
        ({"secrets_dest": "doc/x/s.yml", "dest": "doc"}, "secrets_dest: doc/x/s.yml is in the folder of dest, where "),
        ({"secrets_dest": "s.yml", "secrets": "names_only"}, "secrets_dest: secrets is names_only, with which no file"),
    ],
)
def test_paths_that_cannot_work_are_refused(options: Any, message: str, tmp_path: Path, export: Export) -> None:
    for folder in ("dir.yml", "doc", "half"):
        (tmp_path / folder).mkdir()
    for file in ("file", "half/projects"):
        (tmp_path / file).write_text("x")
    (tmp_path / "device.yml").symlink_to("/dev/null")
    (tmp_path / "link").symlink_to("doc")
    before = files(tmp_path)
    refused(export, message, **options)
    assert files(tmp_path) == before


def test_a_folder_that_is_closed_is_refused(tmp_path: Path, export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    refused(export, "dest: shop.yml cannot be written: nothing can be written in the folder that it is in")
    refused(export, "dest: doc cannot be written: nothing can be written in the folder that it is in", dest="doc")


FOREIGN = "exists, and dokploy_export has not written it. Overwrite what is there with force: true."


@pytest.mark.parametrize(
    ("name", "content", "dest", "message"),
    [
        ("shop.yml", "version: 1\n", "shop.yml", f"dest: shop.yml {FOREIGN}"),
        ("shop.yml", "", "shop.yml", f"dest: shop.yml {FOREIGN}"),
        ("shop.yml", "---\n# Written by community.dokploy.dokploy_export\n", "shop.yml", f"dest: shop.yml {FOREIGN}"),
        ("doc/projects/web.yml", "x", "doc", f"dest: doc/projects/web.yml {FOREIGN}"),
        (
            "secrets.yml",
            "a: b\n",
            "shop.yml",
            "secrets_dest: secrets.yml exists, and dokploy_export has not written it",
        ),
    ],
)
def test_files_of_others_are_overwritten_by_force_only(
    name: str, content: str, dest: str, message: str, tmp_path: Path, export: Export
) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    before = files(tmp_path)
    refused(export, message, Refused, dest=dest)
    assert files(tmp_path) == before
    assert export(dest=dest, force=True)["changed"]
    assert not export(dest=dest)["changed"]


def test_secrets_of_others_are_overwritten_by_force_only(
    tmp_path: Path, export: Export, passwords: Callable[..., None]
) -> None:
    export(dest="staging.yml")
    refused(export, "secrets_dest: secrets.yml has the secrets of staging.yml. Set secrets_dest to another", Refused)
    passwords(default="x")
    export(dest="staging.yml", secrets="vault")
    passwords(default="y")
    refused(export, "secrets_dest: secrets.yml is encrypted with another vault password", Refused, dest="staging.yml")
    assert export(secrets="vault", force=True)["changed"]
    assert not export(secrets="vault")["changed"]


def test_files_with_the_line_ends_of_windows_are_still_ours(tmp_path: Path, export: Export) -> None:
    export()
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert export()["changed_files"] == ["shop.yml"]


def test_links_stay(tmp_path: Path, export: Export) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "shop.yml").symlink_to("elsewhere/x.yml")
    assert export(secrets_dest="s.yml")["dest"] == str(tmp_path / "elsewhere/x.yml")
    assert (tmp_path / "shop.yml").is_symlink() and (tmp_path / "elsewhere/x.yml").is_file()
    assert not export(secrets_dest="s.yml")["changed"]


def test_a_playbook_of_a_collection_is_not_where_files_go(
    tmp_path: Path, loader: DataLoader, export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_collection = tmp_path / "ansible_collections/acme/shop/playbooks"
    of_collection.mkdir(parents=True)
    loader.set_basedir(str(of_collection))
    monkeypatch.chdir(tmp_path)
    assert export()["dest"] == str(tmp_path / "shop.yml")


# --- all or nothing ---


@pytest.mark.parametrize("function", ["open", "fchmod", "fsync", "replace", "unlink", "mkdir"])
def test_what_fails_leaves_everything_as_it_was(
    function: str, tmp_path: Path, export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full, or whatever else happens at any step: all is written, or nothing has changed."""
    first = Exported({**DOCUMENT, "projects": DOCUMENT["projects"][1:]}, [], SECRETS)
    changed = {**DOCUMENT, "registries": [], "projects": DOCUMENT["projects"][:1]}
    second = Exported(changed, [], {**SECRETS, "vault_ghcr_password": "other"})

    def begin() -> None:
        shutil.rmtree(tmp_path)
        tmp_path.mkdir()
        # A new folder, or one where files are made, replaced and removed.
        if function != "mkdir":
            export(first, dest="doc")
            (tmp_path / "doc/instance.yml").chmod(0o640)

    def state() -> Any:
        return files(tmp_path), {path: path.stat().st_mode for path in tmp_path.rglob("*")}

    real, calls, turn = getattr(os, function), [1], 0

    def failing(*args: Any, **named: Any) -> Any:
        calls[0] += 1
        if calls[0] == turn + 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*args, **named)

    begin()
    export(second, dest="doc")
    done = state()
    while calls[0] >= turn:
        begin()
        before, calls[0] = state(), 0
        with monkeypatch.context() as patched:
            patched.setattr(os, function, failing)
            try:
                export(second, dest="doc")
            except OptionError as error:
                assert str(error).endswith("cannot be written: no space left on device")
                assert str(error).startswith(("dest: doc", "secrets_dest: secrets.yml"))
                wanted = before
            else:
                wanted = done
        assert state() == wanted
        turn += 1
    # Once for each call, and once without a failure.
    assert turn > 1


def test_a_text_that_is_read_as_another_document_is_not_written(
    tmp_path: Path, export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = yaml_writer.document_text

    def spoilt(document: Any, *others: Any) -> str:
        return real({**document, "registries": [{"name": "ghcr", "password": CANARY[:-1]}]}, *others)

    monkeypatch.setattr(yaml_writer, "document_text", spoilt)
    message = "The export is read as another document: registries[ghcr].password differs. Nothing was written."
    refused(export, message, Refused)
    monkeypatch.setattr(yaml_writer, "document_text", lambda *_args: "a: [")
    refused(export, "The export cannot be read again: shop.yml:", Refused)
    assert files(tmp_path) == {}


def test_what_is_too_large_for_the_manifest_is_not_written(
    tmp_path: Path, export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document_source, "MOST_BYTES", 100)
    refused(export, "The export cannot be read again: shop.yml: the files of a document have at most", Refused)
    assert files(tmp_path) == {}


def test_what_is_too_large_is_not_shown(export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "MAX_FILE_SIZE_FOR_DIFF", 100)
    (shown,) = export()["diff"]
    assert shown == {"before_header": "shop.yml", "after_header": "shop.yml", "before": "", "src_larger": 100}
    (shown,) = export(OTHER)["diff"]
    assert shown["dst_larger"] == shown["src_larger"] == 100


def test_the_file_of_secrets_is_yaml_of_variables(tmp_path: Path, export: Export) -> None:
    export(Exported({"version": 1}, [], {"vault_a": Reference("", ("db",), "internal_url").text, "vault_b": "yes"}))
    assert yaml.safe_load((tmp_path / "secrets.yml").read_text()) == {
        "vault_a": "{{ 'db:internal_url' | community.dokploy.reference }}",
        "vault_b": "yes",
    }
    assert (
        (tmp_path / "secrets.yml")
        .read_text()
        .startswith("# Written by community.dokploy.dokploy_export for shop.yml.\n")
    )
