# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said of a file of secrets that cannot be read: the file, what is wrong and what to do, and no word of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from ansible.parsing import vault
from ansible.parsing.dataloader import DataLoader

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from ansible_collections.community.dokploy.plugins.plugin_utils._document.variables_file import names_in

SECRET = "hunter2-hunter2"
START = "Start Ansible with the vault password that the file was encrypted with"


def loader_in(folder: Path, monkeypatch: pytest.MonkeyPatch, passwords: Mapping[str, str]) -> DataLoader:
    loader = DataLoader()
    loader.set_basedir(str(folder))
    secrets = [(name, vault.VaultSecret(text.encode())) for name, text in passwords.items()]
    loader.set_vault_secrets(secrets)
    context = getattr(vault, "VaultSecretsContext", None)
    if context is not None:
        # What a worker of Ansible has.
        monkeypatch.setattr(context, "_current", context(secrets))
    return loader


def encrypted(text: str, password: str = "right", vault_id: str | None = None) -> str:
    secret = vault.VaultSecret(password.encode())
    return str(vault.VaultLib().encrypt(text, secret, vault_id=vault_id), "ascii")


def inline(text: str) -> str:
    lines = encrypted(text).rstrip().replace("\n", "\n  ")
    return f"open: {text}\nlocked: !vault |\n  {lines}\n"


Read = Callable[..., list[str]]
Told = Callable[..., str]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """The names in C(secrets.yml): C(read("a: b", default="password"))."""

    def names(content: str | bytes, **passwords: str) -> list[str]:
        path = tmp_path / "secrets.yml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return names_in(str(path), "recover_secrets", loader_in(tmp_path, monkeypatch, passwords))

    return names


@pytest.fixture
def told(tmp_path: Path, read: Read) -> Told:
    def refusal(content: str | bytes, **passwords: str) -> str:
        with pytest.raises(OptionError) as caught:
            read(content, **passwords)
        message = str(caught.value)
        assert "hunter" not in message and str(tmp_path) not in message
        assert message.startswith("recover_secrets: secrets.yml"), message
        return message

    return refusal


def test_the_names_of_the_variables_are_all_that_is_read(read: Read) -> None:
    for text in (f"b: {SECRET}\na: '{{{{ nothing }}}}'\n", inline(SECRET)):
        for content in (text, encrypted(text)):
            names = read(content, default="right")
            assert names == (["locked", "open"] if "!vault" in text else ["a", "b"])


def test_no_vault_password_was_given(told: Told) -> None:
    for text, what in ((encrypted(f"a: {SECRET}\n"), "secrets.yml"), (inline(SECRET), "the value of locked")):
        message = told(text)
        assert what in message and "Ansible was started without a vault password" in message
        assert "--vault-password-file FILE or --ask-vault-pass" in message


def test_another_vault_password_was_given(told: Told) -> None:
    for text, what in ((encrypted(f"a: {SECRET}\n"), "secrets.yml"), (inline(SECRET), "the value of locked")):
        message = told(text, default="wrong")
        assert what in message and "the vault password of this run does not open it." in message and START in message


def test_vault_ids_are_named(told: Told) -> None:
    message = told(encrypted("a: b\n", vault_id="prod"), dev="wrong", test="wrong too")
    assert "the vault passwords of this run does not open it (vault IDs dev, test)" in message
    assert "It was encrypted with the vault ID prod." in message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (f"a: *{SECRET}\n", "is not YAML at line 1, column 4"),
        (f"a: b\n{SECRET}: [\n", "is not YAML at line "),
        (f"a: !{SECRET} b\n", "is not YAML"),
        (f"a: b: {SECRET}\n", "is not YAML at line 1"),
        (f"{SECRET}\n", "has text; it takes a mapping of variables"),
        (f"- {SECRET}\n", "has a list; it takes a mapping of variables"),
        ("", "is empty; it takes a mapping of variables"),
        (b"a: \xff\n", "line 1 is not UTF-8 text"),
    ],
)
def test_what_is_no_mapping_of_yaml(told: Told, content: str | bytes, words: str) -> None:
    assert words in told(content)
    if isinstance(content, str) and content:
        assert words in told(encrypted(content), default="right")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_that_nobody_may_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secrets.yml"
    path.touch(mode=0)
    with pytest.raises(OptionError, match="recover_secrets: secrets.yml cannot be read: permission denied"):
        names_in(str(path), "recover_secrets", loader_in(tmp_path, monkeypatch, {}))


def test_a_file_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, words in (("nothing.yml", "no such file or directory"), (".", "is a directory")):
        with pytest.raises(OptionError) as caught:
            names_in(str(tmp_path / name), "recover_secrets", loader_in(tmp_path, monkeypatch, {}))
        assert str(caught.value).startswith("recover_secrets: %s cannot be read: " % name) and words in str(
            caught.value
        )
