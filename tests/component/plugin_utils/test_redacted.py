# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of encrypted files that ansible-core 2.22 redacts though they are no secrets."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.community.dokploy.plugins.plugin_utils._document.origins import TAGS
from ansible_collections.community.dokploy.plugins.plugin_utils._document.redacted import (
    redaction_warnings,
    secrets_of,
)

VARIABLES = """
web_env_stage: production
web_env_port: "8080"
web_env_replicas: 1
web_env_api_key: "12"
web_env_session: "3"
web_env_text: Kaeghoo5ohng
web_env_debug: true
"""


@pytest.mark.skipif(not TAGS, reason="ansible-core 2.18 keeps no place of a value")
def test_an_encrypted_file_with_values_that_are_no_secrets_has_a_warning(tmp_path: Path) -> None:
    secret = VaultSecret(b"password")
    loader = DataLoader()
    loader.set_basedir(str(tmp_path))
    loader.set_vault_secrets([("default", secret)])
    (tmp_path / "plain.yml").write_text(VARIABLES)
    (tmp_path / "secrets.yml").write_bytes(VaultLib([("default", secret)]).encrypt(VARIABLES, secret))
    plain, encrypted = (loader.load_from_file(str(tmp_path / name)) for name in ("plain.yml", "secrets.yml"))
    (warning,) = redaction_warnings(encrypted, loader, True)
    assert warning.startswith("secrets.yml: ansible-core redacts the values of ")
    assert "values of web_env_port, web_env_replicas, web_env_stage wherever" in warning
    assert "Export again, which leaves such values in the document" in warning
    assert "8080" not in warning and "production" not in warning
    assert redaction_warnings(plain, loader, True) == []
    # Up to ansible-core 2.21.
    assert redaction_warnings(encrypted, loader, False) == []


def test_only_what_may_be_a_secret_is_registered_of_a_file() -> None:
    variables = {"stage": "production", "port": 8080, "api_key": "12", "text": "Kaeghoo5ohng", "on": True, "list": [1]}
    assert list(secrets_of(variables)) == ["12", "Kaeghoo5ohng"]
