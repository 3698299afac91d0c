# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The example of the guide, and an instance with odd names and texts: exported to files, and these applied to where
they come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader

from ansible_collections.community.dokploy.plugins.module_utils._manifest.manifest import OPERATION
from ansible_collections.community.dokploy.plugins.plugin_utils._document.source import read_files
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import unsafe
from tests.support.exported_files import export, read, variables_of
from tests.support.host import Host
from tests.support.odd_documents import ansible_templar
from tools.workspace import ROOT

EXAMPLE = ROOT / "docs/examples/shop.yml"
SECRETS = {
    f"vault_{name}": f"s3cret-{name} {{{{ 'x' }}}}\n"
    for name in ("registry_password", "s3_access_key", "s3_secret_key", "database_password")
}
# What a URL takes as it is.
SECRETS["vault_database_password"] = "s3cret-database"


def applied(host: Host, document: dict[str, Any], **options: Any) -> dict[str, Any]:
    host.new_task()
    found = host.run(OPERATION, deploy="never", **{**document, **options})
    assert not found.get("failed"), found
    return found


@pytest.mark.parametrize("dest", ["shop.yml", "shop"])
def test_the_example_is_exported_to_files_that_change_nothing(dest: str, host: Host, tmp_path: Path) -> None:
    example = read_files([(str(EXAMPLE), "shop.yml")], DataLoader(), ansible_templar(unsafe(SECRETS)))
    applied(host, example.document)
    host.new_task()
    result = export(host, tmp_path, dest)
    texts = {path: path.read_text() for path in tmp_path.rglob("*.yml")}
    assert len(texts) == (2 if dest.endswith(".yml") else 3)
    assert [path.name for path, text in texts.items() if "s3cret" in text] == ["secrets.yml"]
    assert "DATABASE_URL: \"{{ 'orders:internal_url' | community.dokploy.reference }}\"" in "".join(texts.values())
    assert len(result["secret_names"]) >= 4
    assert applied(host, read(tmp_path, dest).document)["plan"]["changes"] == []
    host.new_task()
    assert not export(host, tmp_path, dest)["changed"]
    assert {path: path.read_text() for path in tmp_path.rglob("*.yml")} == texts


ODD = (
    "a/b",
    'it\'s "quoted"',
    "größe ❌",
    " led by a blank",
    "two\nlines",
    "{{ x }}",
    "yes",
    "1e3",
    "2026-01-02",
    "#a",
    "-",
)
VALUES = (
    "{{ lookup('pipe', 'id') }}",
    "{% raw %}",
    "${{project.X}}",
    "$$",
    "0777",
    "null",
    "~",
    "12:30:45",
    "a: b # c",
    "'\"\\",
    "{'a': 1}",
    "True",
)
COMPOSE = """\
x-a: &a
  image: nginx
services:
  web:
    <<: *a
    command: "a\tb {{.Node.Hostname}} ${X:-$$}"\x20
#\tend

"""


ENV = """\
# Set by hand\r
\r
TZ=Europe/Berlin\r
PORT='3000' # of the proxy\r
PUBLIC_URL=https://web.example.com\r
# OLD_TOKEN=hunter2\r
# the login is admin:hunter2\r
TOKEN="a # b"\r
# the end\r
"""


def test_the_files_have_the_comments_of_variables_and_those_that_need_not_be_secrets(
    host: Host, tmp_path: Path
) -> None:
    made = host.call("project.create", name="shop", env=ENV)
    host.call("project.update", projectId=made["project"]["projectId"], env=ENV)
    web = host.call("application.create", name="web", environmentId=made["environment"]["environmentId"])
    fingerprint = "# community.dokploy.deployment=1 source=a config=b\n"
    stack = host.call("compose.create", name="stack", environmentId=made["environment"]["environmentId"])
    host.call("compose.update", composeId=stack["composeId"], env=fingerprint + "# of the stack\n\nA=1\n# TWO=2\n")
    host.call("application.update", applicationId=web["applicationId"], env="A='open\n# Kept in the text\nB=`x")
    first = export(host, tmp_path, plain_env=["TZ", "PUBLIC_*"])
    text = (tmp_path / "shop.yml").read_text()
    assert "hunter2" not in text + repr(first) and "community.dokploy.deployment" not in text
    begin = text.index("    env:\n")
    assert text[begin : text.index("    environments:")].rstrip().split("\n") == [
        "    env:",
        "      # Set by hand",
        "      TZ: Europe/Berlin",
        "      # of the proxy",
        '      PORT: "3000"',
        "      PUBLIC_URL: https://web.example.com",
        "      # OLD_TOKEN=(hidden)",
        "      # (hidden)",
        "      TOKEN: \"{{ vault_shop_env['TOKEN'] }}\"",
        "      # the end",
    ]
    begin = text.index("              # of the stack\n")
    assert text[begin:].split("\n")[1:3] == [
        '              A: "1"',
        "              # TWO=(hidden)",
    ]
    assert first["plain_env_proposed"] == []
    secrets = variables_of(tmp_path / "secrets.yml", DataLoader())
    assert secrets["vault_shop_env"] == {"TOKEN": "a # b"}
    # What is written again is the same, and the server keeps its text.
    host.new_task()
    again = export(host, tmp_path, plain_env=["TZ", "PUBLIC_*"])
    assert not again["changed"] and (tmp_path / "shop.yml").read_text() == text
    document = read(tmp_path).document
    document["projects"][0]["env"]["PORT"] = "3001"
    host.new_task()
    assert host.ok(OPERATION, **document, deploy="never")["changed"]
    row = host.read("project.one", projectId=made["project"]["projectId"])
    assert row["env"] == ENV.replace("'3000'", "3001")


def filled_oddly(host: Host) -> None:
    """What a browser and other programs have stored."""
    for name in (*ODD, "twice", "twice"):
        made = host.call("project.create", name=name)
        inside = {"environmentId": made["environment"]["environmentId"]}
        host.call("project.update", projectId=made["project"]["projectId"], description=name)
    quoted = (value if "'" in value else f"'{value}'" for value in VALUES)
    env = "\n".join(f"KEY_{number}={value}" for number, value in enumerate(quoted))
    web = host.call("application.create", name="web", **inside)
    host.call("application.update", applicationId=web["applicationId"], env=f"{env}\nLONG={'x' * 1_000_000}")
    content = "\tserver {\r\n  listen 80; \n}\n\x1b\u2028\n"
    mount = {"type": "file", "mountPath": "/etc/x", "filePath": "x", "content": content, "serviceType": "application"}
    host.call("mounts.create", serviceId=web["applicationId"], **mount)
    stack = host.call("compose.create", name="stack", composeFile=COMPOSE, **inside)
    host.call("compose.update", composeId=stack["composeId"], sourceType="raw", composeFile=COMPOSE)


@pytest.mark.parametrize("dest", ["shop.yml", "shop"])
def test_odd_names_and_texts_are_exported_as_they_are(dest: str, host: Host, tmp_path: Path) -> None:
    filled_oddly(host)
    host.new_task()
    result = export(host, tmp_path, dest)
    assert len(result["files"]) == (1 if dest.endswith(".yml") else len(ODD) + 3)
    document = read(tmp_path, dest).document
    # The others are known by their IDs.
    assert sorted(one["name"] for one in document["projects"] if "name" in one) == sorted(ODD)
    assert {one["kind"] for one in result["missing"]} == {"api_key", "organization"}
    assert applied(host, document)["plan"]["changes"] == []
    host.new_task()
    assert not export(host, tmp_path, dest)["changed"]
