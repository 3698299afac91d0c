# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection options of the plugins that read, as Ansible takes them from the environment."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tools import workspace

PROGRAM = """
import json, os, sys
from ansible.plugins.loader import init_plugin_loader, inventory_loader, lookup_loader

init_plugin_loader()

from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import client_config
from ansible_collections.community.dokploy.plugins.plugin_utils._host.connection import connection_options

found = []
for loader, stated in (lookup_loader, {}), (inventory_loader, {"plugin": "community.dokploy.dokploy"}):
    for ca_path in sys.argv[1:]:
        os.environ.update(DOKPLOY_CA_PATH=ca_path, DOKPLOY_URL="https://127.0.0.1", DOKPLOY_API_KEY="k")
        plugin = loader.get("community.dokploy.dokploy")
        plugin.set_options(direct=stated)
        found.append(client_config(connection_options(plugin.get_option), "test").verify)
print(json.dumps(found))
"""


def test_an_empty_ca_path_is_not_set(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.touch()
    env = {**workspace.environment(), "HOME": str(tmp_path), "FOLDER": str(tmp_path)}
    command = [sys.executable, "-c", PROGRAM, "", str(file), "~/ca.pem", "$FOLDER/ca.pem"]
    done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [True, str(file), str(file), str(file)] * 2
