# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator as a process: what it prints, how it ends, and what it says of options that it cannot take."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from dokploy_simulator.__main__ import main
from dokploy_simulator.api.release_folders import stored

COMMAND = [sys.executable, "-m", "dokploy_simulator"]


@contextlib.contextmanager
def started(*options: str) -> Iterator[list[str]]:
    """A process; gives the four lines that it prints, and ends it as a service manager would."""
    with subprocess.Popen([*COMMAND, *options], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield [process.stdout.readline().rstrip("\n") for _number in range(4)]
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def exported(lines: list[str]) -> dict[str, str]:
    """The variables that a shell has after these lines."""
    script = "\n".join([*lines, 'printf "%s\\n" "$DOKPLOY_URL" "$DOKPLOY_API_KEY"'])
    url, key = subprocess.check_output(["sh", "-eu", "-c", script], text=True, env={}).splitlines()
    return {"url": url, "key": key}


def test_a_shell_can_read_what_is_printed(tmp_path: Path) -> None:
    port_file = tmp_path / "port"
    key = "it's a key"
    parent = ["--parent-pid", str(os.getpid())]
    with started("--port-file", str(port_file), "--api-key", key, "--version", "v0.29.0", *parent) as lines:
        found = exported(lines)
        assert found == {"url": f"http://127.0.0.1:{port_file.read_text().strip()}", "key": key}
        answer = requests.get(f"{found['url']}/api/settings.getDokployVersion", headers={"x-api-key": key}, timeout=120)
        assert answer.json() == "v0.29.0"
        assert "Dokploy 0.29.0" in lines[2] and found["url"] in lines[2] and "state is lost" in lines[3]


def test_a_random_key_is_made_and_the_examples_are_there() -> None:
    with started("--seed") as lines:
        found = exported(lines)
        session = requests.Session()
        session.headers["x-api-key"] = found["key"]
        registries = session.get(f"{found['url']}/api/registry.all", timeout=120).json()
        assert {row["registryName"] for row in registries} == {"company-registry", "mirror"}


def test_a_fresh_server_has_no_key() -> None:
    with started("--fresh") as lines:
        assert shlex.split(lines[0])[1].startswith("DOKPLOY_URL=http://127.0.0.1:")
        assert "dokploy_bootstrap" in lines[2] and not any("DOKPLOY_API_KEY" in line for line in lines)


def test_it_ends_with_its_parent() -> None:
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    command = [*COMMAND, "--parent-pid", str(gone.pid)]
    assert subprocess.run(command, stdout=subprocess.DEVNULL, timeout=600, check=False).returncode == 0


def run(*words: str) -> tuple[int, str]:
    """The exit status and the output of a command that runs beside a simulator."""
    done = subprocess.run([*COMMAND, "--", *words], capture_output=True, text=True, timeout=600, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_command_has_the_server_as_long_as_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOKPLOY_URL", "http://elsewhere.example.com")
    monkeypatch.setenv("DOKPLOY_PROXY_URL", "http://elsewhere.example.com")
    monkeypatch.setenv("no_proxy", "localhost")
    asks = """
import os, sys, urllib.request
assert os.environ["no_proxy"] == "localhost,127.0.0.1" and "DOKPLOY_PROXY_URL" not in os.environ
request = urllib.request.Request(os.environ["DOKPLOY_URL"] + "/api/project.all")
request.add_header("x-api-key", os.environ["DOKPLOY_API_KEY"])
print(urllib.request.urlopen(request, timeout=120).read().decode())
sys.exit(3)
"""
    assert run(sys.executable, "-c", asks) == (3, "[]\n")


def test_a_command_that_a_signal_ends_or_that_is_not_there() -> None:
    assert run("sh", "-c", "kill -TERM $$") == (128 + signal.SIGTERM, "")
    assert run("/nonexistent/program") == (2, "dokploy-simulator: /nonexistent/program: No such file or directory\n")


def test_a_command_ends_with_the_simulator() -> None:
    command = [*COMMAND, "--", "sh", "-c", "echo started; exec sleep 1000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "started\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 128 + signal.SIGTERM
        assert process.stdout.read() == ""


def test_a_taken_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = str(taken.getsockname()[1])
        command = [*COMMAND, "--port", number]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    said = f"dokploy-simulator: the port {number} is taken; choose another one with --port, or 0 for a free one\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--version", "0.31.0"], "'0.31.0' is not a release"),
        (["--config", '{"version": "latest"}'], "'latest' is not a release"),
        (["--port", "65536"], "'65536' is not a number from 0 to 65535"),
        (["--config", "{"], "not JSON"),
        (["--config", "[]"], "not a JSON object"),
        (["--config", '{"speed": 1}'], "unknown setting speed"),
        (["--fresh", "--seed"], "seeded needs an administrator"),
        (["--latency-ms", "nan"], "setting latency_ms wants a number from 0 on, got nan"),
        (["--build-seconds", "-1"], "setting build_seconds wants a number from 0 on, got -1.0"),
        (["--config", '{"build_seconds": true}'], "setting build_seconds wants float, got True"),
        (["--config", '{"concurrency": 1.5}'], "setting concurrency wants int, got 1.5"),
        (["--config", '{"version": 30}'], "30 is not a release"),
        (["--config", '{"host_ports": ["80"]}'], "setting host_ports wants list[int], got ['80']"),
        (["--config", '{"drop_fields": {"*": "replicas"}}'], "setting drop_fields wants dict[str, list[str]]"),
        (["--config", '{"builds": [{"result": "failed"}]}'], "a rule's result is done or error, got 'failed'"),
        (["--config", '{"builds": [{"seconds": "1"}]}'], "setting seconds of a rule wants float, got '1'"),
        (["--config", '{"commands": [{"output": "a"}]}'], "a rule of commands has command"),
        (["--config", '{"commands": [{"command": "a", "result": "failed"}]}'], "a rule of commands has command"),
        (["--config", '{"next_results": ["failed"]}'], "setting next_results is a list of done and error"),
        (["--api-key", "a\nb"], "a key consists of ASCII characters, without line breaks"),
        (["--port-file", "/nonexistent/port"], "/nonexistent/port.part: No such file"),
        (["--sead"], "unrecognized arguments: --sead"),
    ],
)
def test_options_that_it_refuses(
    options: list[str], says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["dokploy-simulator", *options])
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = capsys.readouterr()
    (line,) = err.splitlines()
    assert (ended.value.code, out) == (2, "") and line.startswith("dokploy-simulator: ") and says in line
    if "release" in says:
        assert all(version in line for version in stored())
