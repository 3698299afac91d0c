# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading a WebSocket: its frames, its silence, and servers that have none."""

from __future__ import annotations

import io
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client
from ansible_collections.community.dokploy.plugins.module_utils._http.connection import ClientConfig
from ansible_collections.community.dokploy.plugins.module_utils._http.websocket import LARGEST, _text, listen
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._swarm.logs import task_log
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import Service
from dokploy_simulator import Simulator

TEXT, MORE, PING, CLOSE = 0x81, 0x80, 0x89, 0x88


def frame(kind: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes([kind, size]) + payload
    large = size > 0xFFFF
    return bytes([kind, 127 if large else 126]) + size.to_bytes(8 if large else 2, "big") + payload


class Raw(io.BytesIO):
    """A connection that ends with a timeout, as a silent one does."""

    def readinto(self, buffer: Any) -> int:
        found = super().readinto(buffer)
        if not found:
            raise TimeoutError
        return found


def text_of(raw: Raw) -> str | None:
    return _text(io.BufferedReader(raw), lambda: None)


@pytest.mark.parametrize(
    ("frames", "text"),
    [
        ([], ""),
        ([(TEXT, b"one\n")], "one\n"),
        ([(TEXT, b"one\n"), (PING, b"?"), (TEXT, b"two\n")], "one\ntwo\n"),
        # A character that two frames divide.
        ([(0x01, "ö".encode()[:1]), (MORE, "ö".encode()[1:])], "ö"),
        ([(TEXT, b"a" * 126)], "a" * 126),
        ([(TEXT, b"a" * 70000)], "a" * 70000),
        ([(TEXT, b"one"), (CLOSE, b"\x03\xe8"), (TEXT, b"two")], "one"),
        ([(CLOSE, b"\x0f\xa3Not authorized")], None),
    ],
)
def test_frames(frames: list[tuple[int, bytes]], text: str | None) -> None:
    raw = Raw(b"".join(frame(*one) for one in frames))
    assert text_of(raw) == text


def test_a_frame_that_breaks_off() -> None:
    raw = Raw(frame(TEXT, b"one") + frame(TEXT, b"two")[:-1])
    assert text_of(raw) == "one"


def test_no_more_is_read_than_is_of_use() -> None:
    raw = Raw(frame(TEXT, b"a" * LARGEST) + frame(TEXT, b"more"))
    assert len(text_of(raw) or "") == LARGEST


SERVICE = Service(APPLICATION, {"applicationId": "id", "appName": "app"})


def test_servers_without_it(sim: Simulator) -> None:
    for url, key in ((sim.url, "wrong"), ("http://127.0.0.1:9", sim.key), (sim.url + "/prefix", sim.key)):
        client = Client(ClientConfig(url=url, api_key=key, max_retries=0))
        assert listen(url + "/docker-container-logs", {"containerId": "task"}, client.config) is None
        assert task_log(client, SERVICE, "task", 20) is None
        client.close()


def test_a_task_that_docker_has_forgotten(sim: Simulator) -> None:
    client = Client(ClientConfig(url=sim.url, api_key=sim.key))
    text = listen(sim.url + "/docker-container-logs", {"containerId": "task"}, client.config)
    assert text == "no such task or service: task\r\n"
    assert task_log(client, SERVICE, "task", 20) is None
    client.close()
