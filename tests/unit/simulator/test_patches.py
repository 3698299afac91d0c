# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Patches and networks, beyond the recording."""

from __future__ import annotations

from typing import Any

from tests.support.simulator_client import Api


def create(api: Api, application: str, path: str, **values: Any) -> Any:
    return api.post("patch.create", **{"filePath": path, "content": "x", "applicationId": application, **values})


def test_one_patch_a_file(api: Api) -> None:
    application = api.application()
    first = create(api, application, "a.txt", type="create", enabled=False).json()
    assert (first["enabled"], first["content"], first["type"]) == (True, "x", "create")
    twice = create(api, application, "a.txt")
    assert twice.status_code == 500 and twice.json()["message"].startswith('Failed query: insert into "patch" (')
    assert create(api, api.application(), "a.txt").status_code == 200
    other = create(api, application, "b.txt").json()
    clash = api.post("patch.update", patchId=other["patchId"], filePath="a.txt")
    assert clash.status_code == 500 and clash.json()["message"].startswith('Failed query: update "patch" set ')
    assert create(api, "nope", "a.txt").status_code == 500
    assert api.post("patch.create", filePath="a", content="x").status_code == 400


def test_only_a_changed_patch_gets_a_line_end(api: Api) -> None:
    application = api.application()
    key = {"id": application, "type": "application"}
    saved = api.post("patch.saveFileAsPatch", **key, filePath="b", content="1").json()
    assert (saved["content"], saved["type"]) == ("1", "update")
    again = api.post("patch.saveFileAsPatch", **key, filePath="b", content="2").json()
    assert (again["patchId"], again["content"]) == (saved["patchId"], "2\n")
    gone = api.post("patch.markFileForDeletion", **key, filePath="b").json()
    assert (gone["patchId"], gone["type"], gone["content"]) == (saved["patchId"], "delete", "")
    assert api.post("patch.markFileForDeletion", **key, filePath="a").json()["type"] == "delete"
    assert [row["filePath"] for row in api.get("patch.byEntityId", **key).json()] == ["a", "b"]
    off = api.post("patch.toggleEnabled", patchId=saved["patchId"], enabled=False).json()
    assert off["enabled"] is False
    assert api.post("patch.toggleEnabled", patchId=saved["patchId"], enabled=False).json()["enabled"] is False
    assert api.post("patch.delete", patchId=saved["patchId"]).json()["patchId"] == saved["patchId"]
    assert api.post("patch.delete", patchId=saved["patchId"]).status_code == 404


def test_the_repository_to_look_at(api: Api) -> None:
    api.sim.config(repository_files={"Dockerfile": "FROM scratch\n", "src/app/main.py": "1\n"})
    application = api.application(sourceType="git", customGitUrl="http://git/web.git", customGitBranch="main")
    key = {"id": application, "type": "application"}
    path = api.post("patch.ensureRepo", **key).json()
    assert path.startswith("/etc/dokploy/patch-repos/application/")
    tree = api.get("patch.readRepoDirectories", **key, repoPath=path).json()
    assert tree[0] == {"name": "Dockerfile", "path": "Dockerfile", "type": "file"}
    assert tree[1]["children"][0]["children"] == [{"name": "main.py", "path": "src/app/main.py", "type": "file"}]
    assert api.get("patch.readRepoFile", **key, filePath="Dockerfile").json() == "FROM scratch\n"
    create(api, application, "Dockerfile", content="FROM alpine\n")
    assert api.get("patch.readRepoFile", **key, filePath="Dockerfile").json() == "FROM alpine\n"
    assert api.get("patch.readRepoFile", **key, filePath="nope").status_code == 500
    create(api, application, "nope", content="", type="delete")
    assert "will be removed" in api.get("patch.readRepoFile", **key, filePath="nope").json()
    assert api.post("patch.cleanPatchRepos").json() is True
    assert api.get("patch.readRepoDirectories", **key, repoPath=path).status_code == 500
    api.post("application.update", applicationId=application, customGitBranch="missing")
    assert api.post("patch.ensureRepo", **key).status_code == 500


def test_networks(api: Api) -> None:
    wrong = api.post("network.create", name="n", enableIPv4=False, ipam={"config": [{"gateway": "192.0.2.1"}]}).json()
    assert [issue["path"] for issue in wrong["issues"]] == [["enableIPv4"], ["ipam", "config", 0, "subnet"]]
    assert api.post("network.create", name="n", mtu=3).status_code == 400
    ipam = {"config": [{"subnet": "192.0.2.0/24"}]}
    made = api.post("network.create", name="n", driver="overlay", mtu="1400", ipam=ipam).json()
    key = {"networkId": made["networkId"]}
    inspected = api.get("network.inspect", **key).json()
    assert (inspected["Driver"], inspected["IPAM"]["Config"]) == ("overlay", [{"Subnet": "192.0.2.0/24"}])
    assert api.post("network.recreate", **key).status_code == 400
    # The row has Docker's ID once the network is there, which the answer to its creation does not wait for.
    assert api.post("network.remove", **key).json() == {**made, "dockerId": inspected["Id"]}
    assert api.get("network.one", **key).status_code == 404


def test_networks_of_others(api: Api) -> None:
    made = api.post("network.create", name="mine", driver="overlay").json()
    api.sim.act(network="mine", gone=True)
    api.sim.act(network="theirs")
    seen = api.get("network.networksToSync").json()
    assert [row["name"] for row in seen["importable"]] == ["theirs"]
    assert seen["missing"] == [{"networkId": made["networkId"], "name": "mine"}]
    result = api.post("network.import", names=["theirs", "mine", "nope", "bridge"]).json()
    assert result["imported"] == ["theirs"]
    assert [entry["name"] for entry in result["errors"]] == ["mine", "nope", "bridge"]
    assert api.post("network.import", names=[]).status_code == 400
    assert [row["name"] for row in api.get("network.all").json()] == ["theirs", "mine"]


def test_a_network_that_was_made_again_is_told_by_its_id(api: Api) -> None:
    made = api.post("network.create", name="n").json()
    assert api.get("network.networksToSync").json()["changed"] == []
    api.sim.act(network="n", gone=True)
    assert api.post("network.resync", networkId=made["networkId"]).status_code == 400
    api.sim.act(network="n", driver="overlay", subnet="192.0.2.0/24")
    (changed,) = api.get("network.networksToSync").json()["changed"]
    assert (changed["networkId"], changed["driver"]) == (made["networkId"], "overlay")
    row = api.post("network.resync", networkId=made["networkId"]).json()
    assert row["ipam"] == {"driver": "default", "config": [{"subnet": "192.0.2.0/24"}]}
    assert row == api.get("network.one", networkId=made["networkId"]).json()
    assert api.get("network.networksToSync").json()["changed"] == []
    api.sim.config(version="0.30.2")
    assert api.get("network.networksToSync").json() == {"importable": [], "missing": []}
    assert "dockerId" not in api.get("network.one", networkId=made["networkId"]).json()
    assert api.post("network.resync", networkId=made["networkId"]).json()["code"] == "NOT_FOUND"
