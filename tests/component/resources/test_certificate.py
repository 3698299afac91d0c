# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates: pairs that belong together, their dates, and what is no certificate."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure import certificate_files
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.certificate import (
    INFO_OPERATION,
    OPERATION,
)
from dokploy_simulator import Simulator
from tests.support.builders import REFERENCE_NAMES, create_references
from tests.support.certificates import CERTIFICATES, ENCRYPTED_KEY, EXPIRED, KEYS, OTHER_KEY
from tests.support.host import Host

SHOP: dict[str, Any] = {"name": "shop", "certificate": CERTIFICATES[0], "private_key": KEYS[0]}


TOUCH = "settings.updateTraefikFile"


def rows(host: Host) -> list[dict[str, Any]]:
    return list(host.read("certificates.all"))


def test_its_life(host: Host) -> None:
    predicted = host.ok(OPERATION, check=True, **SHOP)
    assert predicted["changed"] and rows(host) == []
    made = host.ok(OPERATION, **SHOP)
    assert host.sim.calls("mutation") == ["certificates.create", TOUCH]
    (row,) = rows(host)
    assert (row["certificateData"], row["privateKey"]) == (CERTIFICATES[0], KEYS[0])
    assert made["diff"] == predicted["diff"] and made["diff"]["after"]["private_key"] == "(hidden) new"
    assert (
        made["certificate"].items()
        >= {
            "certificate_id": row["certificateId"],
            "path": row["certificatePath"],
            "not_before": "2000-01-01T00:00:00Z",
            "not_after": "2100-01-01T00:00:00Z",
            "server": "",
        }.items()
    )
    assert KEYS[0] not in str(made) and "warnings" not in made
    host.new_task()
    host.sim.reset_stats()
    assert not host.ok(OPERATION, **SHOP)["changed"]
    assert host.sim.calls() == ["certificates.all"]
    assert host.ok(OPERATION, name="shop", state="absent")["changed"] and rows(host) == []
    assert not host.ok(OPERATION, name="shop", state="absent")["changed"]


def test_a_renewed_one_belongs_to_the_stored_key(host: Host) -> None:
    host.ok(OPERATION, **SHOP)
    result = host.ok(OPERATION, name="shop", certificate=CERTIFICATES[1])
    assert list(result["diff"]["after"]) == ["certificate"] and rows(host)[0]["privateKey"] == KEYS[0]
    assert not host.ok(OPERATION, name="shop", certificate=CERTIFICATES[1])["changed"]
    for option in ("certificate", "private_key"):
        assert host.failed(OPERATION, name="shop", **{option: ""})["msg"] == f"{option} must not be empty"
    failed = host.failed(OPERATION, name="shop", private_key=OTHER_KEY)
    assert failed["msg"] == "private_key is not the key of the first certificate in certificate"
    assert rows(host)[0]["privateKey"] == KEYS[0]


def test_what_stands_between_the_blocks_is_no_difference(host: Host) -> None:
    host.ok(OPERATION, **SHOP)
    text = "\ufeffsubject=CN = a.example.com\r\n" + CERTIFICATES[0].replace("\n", " \r\n")
    assert not host.ok(OPERATION, name="shop", certificate=text)["changed"]
    chain = CERTIFICATES[0] + CERTIFICATES[1]
    assert host.ok(OPERATION, name="shop", certificate=chain)["changed"]
    assert not host.ok(OPERATION, name="shop", certificate=chain.strip())["changed"]


def test_the_marks_of_files_of_windows_are_not_stored(host: Host) -> None:
    """Traefik finds no block right after one."""
    marked = {**SHOP, "certificate": "\ufeff" + CERTIFICATES[0], "private_key": "\ufeff" + KEYS[0]}
    assert host.ok(OPERATION, **marked)["changed"] and "\ufeff" not in str(rows(host))
    assert not host.ok(OPERATION, **marked)["changed"]


def test_one_that_is_not_valid_any_more_is_a_warning(host: Host) -> None:
    for check in (True, False, False):
        result = host.ok(OPERATION, check=check, **{**SHOP, "certificate": EXPIRED})
        assert result["warnings"] == ["The certificate 'shop' is not valid any more, since 2021-01-01T00:00:00Z."]
    assert result["certificate"]["not_after"] == "2021-01-01T00:00:00Z"


def test_the_private_key_is_shown_on_request_only(host: Host) -> None:
    host.ok(OPERATION, **SHOP)
    (shown,) = host.ok(INFO_OPERATION)["certificates"]
    assert "private_key" not in shown and shown["fingerprint"].count(":") == 31
    (shown,) = host.ok(INFO_OPERATION, include_secrets=True)["certificates"]
    assert shown["private_key"] == KEYS[0]


def test_a_text_that_others_have_stored_has_no_dates(host: Host) -> None:
    host.call("certificates.create", name="junk", certificateData="junk", privateKey="junk", organizationId="")
    (shown,) = host.ok(INFO_OPERATION)["certificates"]
    assert (shown["fingerprint"], shown["not_before"], shown["not_after"]) == (None, None, None)
    assert host.ok(OPERATION, **{**SHOP, "name": "junk"})["changed"]


def test_a_server_has_its_own(host: Host) -> None:
    server = host.sim.act(server="far")["serverId"]
    assert host.ok(OPERATION, **SHOP, server="far")["certificate"]["server"] == "far"
    assert rows(host)[0]["serverId"] == server
    host.sim.act(server="near")
    host.new_task()
    assert host.failed(OPERATION, name="shop", server="near")["msg"].startswith("server cannot be changed")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"certificate": None}, "certificate is needed to create a certificate"),
        ({"certificate": "junk"}, "certificate: it is not a certificate in PEM"),
        ({"certificate": KEYS[0]}, "certificate: it is not a certificate in PEM"),
        ({"certificate": CERTIFICATES[0].replace("MII", "MIA", 1)}, "certificate: the text of a block is not that of"),
        ({"certificate": CERTIFICATES[0].replace("MII", "!II", 1)}, "certificate: the text of a block is not base64"),
        (
            {"certificate": CERTIFICATES[0].replace("wIBAg", "wAEBg", 1)},
            "certificate: the text of a block is not that of",
        ),
        ({"private_key": "junk-of-the-user"}, "private_key: it is not one private key in PEM"),
        ({"private_key": KEYS[0] + OTHER_KEY}, "private_key: it is not one private key in PEM"),
        ({"private_key": ENCRYPTED_KEY}, "private_key: it is protected by a passphrase"),
        ({"private_key": KEYS[0].replace("MIG", "MIA", 1)}, "private_key: its text is not that of a private key"),
        ({"private_key": OTHER_KEY}, "private_key is not the key of the first certificate in certificate"),
        ({"name": ""}, "name must not be empty"),
    ],
)
def test_bad_input_writes_nothing(host: Host, changes: dict[str, Any], message: str) -> None:
    given = {key: value for key, value in {**SHOP, **changes}.items() if value is not None}
    failed = host.failed(OPERATION, **given)
    assert message in failed["msg"] and "junk-of-the-user" not in failed["msg"]
    assert host.sim.calls("mutation") == []


def test_older_servers_cannot_change_one() -> None:
    with Simulator(version="0.28.8") as sim:
        host = Host(sim)
        assert "Creating a certificate needs Dokploy 0.29.0" in host.failed(OPERATION, **SHOP)["msg"]
        assert host.ok(INFO_OPERATION)["certificates"] == []
        host.close()


# --- Traefik ---------------------------------------------------------------------------------------------------------


def test_traefik_reads_what_changes_of_a_certificate(host: Host) -> None:
    """Traefik watches the folder with this file, and not that of the certificate."""
    watched = {"path": "/etc/dokploy/traefik/dynamic/middlewares.yml"}
    before = host.read("settings.readTraefikFile", **watched)
    host.ok(OPERATION, **SHOP)
    for change in ({"certificate": CERTIFICATES[1]}, {"state": "absent"}):
        host.new_task()
        host.sim.reset_stats()
        host.ok(OPERATION, **{"name": "shop", **change})
        first = "certificates.remove" if "state" in change else "certificates.update"
        assert host.sim.calls("mutation") == [first, TOUCH]
    assert host.read("settings.readTraefikFile", **watched) == before


def test_another_name_concerns_no_file(host: Host) -> None:
    certificate_id = host.ok(OPERATION, **SHOP)["certificate"]["certificate_id"]
    host.new_task()
    host.sim.reset_stats()
    assert host.ok(OPERATION, certificate_id=certificate_id, name="other")["changed"]
    assert host.sim.calls("mutation") == ["certificates.update"]


def test_a_key_that_may_not_write_files_of_traefik_is_told(host: Host) -> None:
    body = {"message": "You don't have permission", "code": "UNAUTHORIZED"}
    host.sim.fault(kind="status", procedure="settings.readTraefikFile", status=401, body=body)
    result = host.ok(OPERATION, **SHOP)
    assert result["changed"] and "may not write files of Traefik" in str(result["warnings"])


def test_the_files_on_a_server_are_waited_for(host: Host) -> None:
    create_references(host, "SSH key", "server")
    server = REFERENCE_NAMES["server"][0]
    # Dokploy answers before it has written them.
    host.sim.fault(kind="status", procedure="settings.readTraefikFile", status=200, body=None, times=2)
    assert host.ok(OPERATION, **SHOP, server=server)["changed"]
    assert host.sim.calls("mutation")[-2:] == ["certificates.create", TOUCH]
    assert host.sim.calls().count("settings.readTraefikFile") == 4


def test_files_that_never_arrive_are_an_error(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate_files, "FILES_TIMEOUT", 0.2)
    create_references(host, "SSH key", "server")
    host.sim.fault(kind="status", procedure="settings.readTraefikFile", status=200, body=None, times=-1)
    failed = host.failed(OPERATION, **SHOP, server=REFERENCE_NAMES["server"][0])
    assert "its files are not on the server after 0.2 s" in failed["msg"] and failed["changed"]


def test_a_server_that_cannot_be_reached_is_an_error(host: Host) -> None:
    create_references(host, "SSH key", "server")
    body = {"message": "SSH connection error: connect ECONNREFUSED 192.0.2.7:22", "code": "INTERNAL_SERVER_ERROR"}
    host.sim.fault(kind="status", procedure="settings.readTraefikFile", status=500, body=body, times=-1)
    failed = host.failed(OPERATION, **SHOP, server=REFERENCE_NAMES["server"][0])
    assert failed["msg"].startswith("certificate 'shop': it is stored, and Dokploy cannot reach the files of Traefik")
    assert "ECONNREFUSED" in failed["msg"] and "state=validated" in failed["msg"]
    assert host.sim.calls().count("settings.readTraefikFile") == 1
