# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection options: every usual way to write the address, and what is refused before any request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client, ClientConfig
from ansible_collections.community.dokploy.plugins.module_utils._errors import ConfigurationError
from ansible_collections.community.dokploy.plugins.module_utils._http.connection import api_key, normalise_url


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("https://dokploy.example.com", "https://dokploy.example.com/api"),
        ("https://dokploy.example.com/", "https://dokploy.example.com/api"),
        ("https://dokploy.example.com///", "https://dokploy.example.com/api"),
        ("https://dokploy.example.com/api", "https://dokploy.example.com/api"),
        ("https://dokploy.example.com/api/", "https://dokploy.example.com/api"),
        ("https://dokploy.example.com//api//", "https://dokploy.example.com/api"),
        (" http://10.0.0.5:3000\n", "http://10.0.0.5:3000/api"),
        ("HTTP://Dokploy.Example.COM:3000/API", "http://dokploy.example.com:3000/API/api"),
        ("https://example.com/dokploy", "https://example.com/dokploy/api"),
        ("https://example.com/dokploy/api/", "https://example.com/dokploy/api"),
        ("https://example.com/api/dokploy", "https://example.com/api/dokploy/api"),
        ("http://[2001:db8::1]:3000/", "http://[2001:db8::1]:3000/api"),
        ("http://localhost:", "http://localhost/api"),
        ("http://dokploy_dokploy.1:3000", "http://dokploy_dokploy.1:3000/api"),
        ("https://b\u00fccher.example", "https://b\u00fccher.example/api"),
    ],
)
def test_the_address_has_one_form(written: str, normal: str) -> None:
    assert normalise_url(written) == normal
    assert normalise_url(normal) == normal
    assert Client(ClientConfig(written, "key")).base_url == normal


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        (None, "is empty"),
        ("dokploy.example.com", "must begin with http:// or https://"),
        ("dokploy.example.com:3000", "must begin with http:// or https://"),
        ("//dokploy.example.com", "must begin with http:// or https://"),
        ("http:dokploy.example.com", "must begin with http:// or https://"),
        ("ftp://dokploy.example.com", "must begin with http:// or https://"),
        ("file:///etc/passwd", "must begin with http:// or https://"),
        ("https://me:sesame@dokploy.example.com", "credentials"),
        ("https://sesame@dokploy.example.com", "credentials"),
        ("https://@dokploy.example.com", "credentials"),
        ("https://dokploy.example.com/?sesame=1", "query"),
        ("https://dokploy.example.com?", "query"),
        ("https://dokploy.example.com/#sesame", "fragment"),
        ("https://", "host"),
        ("https:///api", "host"),
        ("https://:3000", "host"),
        ("https://a..b", "host"),
        ("https://-a.example", "host"),
        ("https://%s.example" % ("a" * 64), "host"),
        ("https://a<b.example", "host"),
        ("https://host:port", "valid address"),
        ("https://host:99999", "valid address"),
        ("https://host:0", "valid address"),
        ("https://[::1", "valid address"),
        ("https://[gggg::1]", "valid"),
        ("https://[1::2::3]:80", "valid"),
        ("https://::1:3000", "valid address"),
        ("https://[fe80::1%25eth0]", "a zone"),
        ("https://[fe80::1%eth0]:3000", "a zone"),
        ("ws://dokploy.example.com", "must begin with http:// or https://"),
        ("https://ho st", "blank"),
        ("https://host/a\nb", "blank"),
        ("https:\\\\host", "blank"),
        ("https://host/../api", ". or .."),
    ],
)
def test_an_address_that_cannot_work_is_refused(written: Any, why: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Client(ClientConfig(written, "key"))
    message = str(caught.value)
    assert message.startswith("dokploy_url ")
    assert why in message
    assert "sesame" not in message
    assert "\n" not in message


_SEGMENT = st.text("abcdefghij-_.0123456789", min_size=1, max_size=8).filter(lambda text: text not in (".", ".."))
_LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)


@given(
    st.sampled_from(["http", "https", "HTTPS"]),
    st.lists(_LABEL, min_size=1, max_size=4),
    st.none() | st.integers(1, 65535),
    st.lists(_SEGMENT, max_size=3),
    st.sampled_from(["", "/", "//", "/api", "//api/", "/api//"]),
    st.sampled_from(["/", "//", "///"]),
)
def test_the_ways_to_write_an_address_agree(
    scheme: str, labels: list[str], port: int | None, path: list[str], end: str, slash: str
) -> None:
    path = path[:-1] if path and path[-1] == "api" else path
    host = ".".join(labels) + ("" if port is None else ":%d" % port)
    written = "%s://%s%s%s" % (scheme, host, "".join(slash + segment for segment in path), end)
    expected = "%s://%s" % (scheme.lower(), "/".join([host, *path, "api"]))
    assert normalise_url(written) == expected
    assert normalise_url(expected) == expected


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_a_configuration_error(text: str) -> None:
    try:
        normal = normalise_url(text)
    except ConfigurationError:
        return
    assert normal.startswith(("http://", "https://"))
    assert normal.endswith("/api")
    assert normalise_url(normal) == normal


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        (None, "is empty"),
        ("sesame\n", "line break"),
        ("sesame\r\nx-other: 1", "line break"),
        ("ses\x00ame", "control character"),
        ("ses\tame", "control character"),
        ("sesame\u2028", "line break"),
        ("ses\u20acame", "HTTP header"),
    ],
)
def test_a_key_that_cannot_be_a_header_is_refused(key: Any, why: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Client(ClientConfig("http://localhost", key))
    message = str(caught.value)
    assert message.startswith("dokploy_api_key ")
    assert why in message
    assert "ses" not in message
    assert "\n" not in message


def test_blanks_around_the_key_do_not_count() -> None:
    assert api_key("  abc ") == "abc"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("auth_scheme", "basic"),
        ("auth_scheme", ""),
        ("request_timeout", 0),
        ("request_timeout", -1),
        ("request_timeout", float("nan")),
        ("request_timeout", float("inf")),
        ("request_timeout", "30"),
        ("max_retries", -1),
        ("max_retries", True),
        ("rate_limit_timeout", -0.1),
        ("ca_path", "/no/such/bundle.pem"),
    ],
)
def test_an_option_out_of_range_is_named(option: str, value: Any) -> None:
    options: dict[str, Any] = {"url": "http://localhost", "api_key": "key", option: value}
    with pytest.raises(ConfigurationError) as caught:
        Client(ClientConfig(**options))
    assert str(caught.value).startswith(option + " ")


def test_ca_path_does_not_matter_without_validation() -> None:
    Client(ClientConfig("http://localhost", "key", validate_certs=False, ca_path="/no/such/bundle.pem"))


def test_ca_path_may_use_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ca.pem").write_text("x")
    monkeypatch.setenv("HOME", str(tmp_path))
    Client(ClientConfig("http://localhost", "key", ca_path="~/ca.pem"))


def test_the_configuration_does_not_print_its_key() -> None:
    assert "sesame" not in repr(ClientConfig("http://localhost", "sesame"))
