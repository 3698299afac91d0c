# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of time zones, with and without the data of the host."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children import time_zones
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.time_zones import timezone


@pytest.fixture
def known(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Replace the time zone data of this host."""
    names = set(request.param)
    monkeypatch.setattr(zoneinfo, "available_timezones", lambda: names)
    monkeypatch.setattr(zoneinfo, "TZPATH", ())
    monkeypatch.setattr(zoneinfo, "ZoneInfo", {name: name for name in names}.__getitem__)
    time_zones._known.cache_clear()
    yield
    time_zones._known.cache_clear()


ALL = ("US/Eastern", "Europe/Berlin", "Etc/GMT+8")


@pytest.mark.parametrize("known", [ALL], indirect=True)
@pytest.mark.parametrize(
    "name", ["Europe/Berlin", "europe/berlin", "Etc/GMT+8", "UTC", "utc", "UTC+2", "utc-11", "GMT", "local"]
)
def test_valid_time_zones(known: None, name: str) -> None:
    timezone(name)


@pytest.mark.parametrize("known", [ALL], indirect=True)
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Europe/Berln", "did you mean Europe/Berlin?"),
        ("Berlin", "did you mean Europe/Berlin?"),
        ("CEST", "use a name such as Europe/Berlin"),
        ("UTC+200", "use a name such as"),
    ],
)
def test_invalid_time_zones(known: None, name: str, words: str) -> None:
    with pytest.raises(ValueError, match="time zone '.*' does not exist; ") as caught:
        timezone(name)
    assert words in str(caught.value)


@pytest.mark.parametrize("known", [(), ("Europe/Berlin",)], ids=["no data", "without the oldest names"], indirect=True)
def test_without_all_data_no_time_zone_is_refused(known: None) -> None:
    timezone("Europe/Berln")


def test_the_source_of_the_data_has_names_that_are_not_installed(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("zoneinfo")
    (folder / "tzdata.zi").write_text("# version 2026b\nZ Europe/Kyiv 2:2:4 - LMT 1880\nL Europe/Kyiv Europe/Kiev\n")
    monkeypatch.setattr(zoneinfo, "available_timezones", lambda: {"Europe/Kyiv"})
    monkeypatch.setattr(zoneinfo, "TZPATH", ("/nowhere", str(folder)))
    time_zones._known.cache_clear()
    try:
        assert time_zones._known() == {"europe/kyiv": "Europe/Kyiv", "europe/kiev": "Europe/Kiev"}
    finally:
        time_zones._known.cache_clear()
