# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of the server: each is compared before it is written, and Traefik's container is waited for."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.instance import traefik_settings
from ansible_collections.community.dokploy.plugins.module_utils._resources.instance.maintenance import ACTIONS
from ansible_collections.community.dokploy.plugins.module_utils._resources.instance.settings import OPERATION
from dokploy_simulator import Simulator
from dokploy_simulator.api.releases import NEWEST
from dokploy_simulator.world import web_server
from tests.support.host import Host

DOMAIN = {
    "host": "dokploy.example.com",
    "https": True,
    "certificate_type": "letsencrypt",
    "letsencrypt_email": "ops@example.com",
}
PORT = {"target_port": 5432, "published_port": 15432}
# Option -> its value, another one, and the procedure that stores it.
EACH: dict[str, tuple[Any, Any, str]] = {
    "domain": (DOMAIN, {**DOMAIN, "https": False}, "settings.assignDomainServer"),
    "server_ip": ("192.0.2.1", "192.0.2.2", "settings.updateServerIp"),
    "log_cleanup": ("0 4 * * *", "", "settings.updateLogCleanup"),
    "docker_cleanup": (False, True, "settings.updateDockerCleanup"),
    "builds_concurrency": (3, 1, "settings.updateBuildsConcurrency"),
    "environment": ({"CF_TOKEN": "one"}, {"CF_TOKEN": "two", "B": "3"}, "settings.writeTraefikEnv"),
    "ports": ([PORT], [], "settings.updateTraefikPorts"),
    "dashboard": (True, False, "settings.toggleDashboard"),
    "config": ({"log": {"level": "INFO"}}, "log: {level: DEBUG}", "settings.updateTraefikConfig"),
    "middlewares": (
        {"http": {"middlewares": {"a": {"compress": {}}}}},
        {"http": {"middlewares": {"b": {"compress": {}}}}},
        "settings.updateMiddlewareTraefikConfig",
    ),
    "access_log": (True, False, "settings.toggleRequests"),
}
OUTSIDE = ("domain", "server_ip", "log_cleanup", "docker_cleanup", "builds_concurrency")


def stated(option: str, value: Any) -> dict[str, Any]:
    return {option: value} if option in OUTSIDE else {"traefik": {option: value}}


def at(settings: dict[str, Any], option: str) -> Any:
    return settings[option] if option in OUTSIDE else settings["traefik"].get(option)


@pytest.mark.parametrize("option", EACH)
def test_each_setting_is_compared_before_it_is_written(sim: Simulator, host: Host, option: str) -> None:
    one, two, procedure = EACH[option]
    for value in (one, two):
        host.new_task()
        sim.reset_stats()
        predicted = host.ok(OPERATION, check=True, **stated(option, value))
        assert predicted["changed"] and sim.calls("mutation") == []
        result = host.ok(OPERATION, **stated(option, value))
        assert result["changed"] and result["diff"] == predicted["diff"]
        assert sim.calls("mutation") == [procedure]
        host.new_task()
        again = host.ok(OPERATION, **stated(option, value))
        assert again["changed"] is False and sim.calls("mutation") == [procedure]
        assert at(again["settings"], option) == at(result["settings"], option)


def test_all_at_once(sim: Simulator, host: Host) -> None:
    traefik = {name: EACH[name][0] for name in ("environment", "ports", "config", "middlewares")}
    rest = {name: EACH[name][0] for name in OUTSIDE}
    assert host.ok(OPERATION, **rest, traefik=traefik)["changed"]
    host.new_task()
    result = host.ok(OPERATION, **rest, traefik=traefik)
    assert result["changed"] is False
    assert result["settings"]["domain"] == DOMAIN
    assert result["settings"]["traefik"]["ports"] == [{**PORT, "protocol": "tcp"}]


def test_nothing_stated_reads(sim: Simulator, host: Host) -> None:
    result = host.ok(OPERATION)
    assert result["changed"] is False and sim.calls() == ["settings.getWebServerSettings"]
    assert result["settings"]["docker_cleanup"] is True and result["settings"]["log_cleanup"] == "0 0 * * *"


def test_https_is_always_told(sim: Simulator, host: Host) -> None:
    """The server would switch it off."""
    host.ok(OPERATION, domain=DOMAIN)
    host.new_task()
    host.ok(OPERATION, domain={"certificate_type": "none"})
    row = sim.server.store.settings
    assert (row["https"], row["host"], row["letsEncryptEmail"]) == (True, "dokploy.example.com", "ops@example.com")
    host.new_task()
    assert host.ok(OPERATION, domain={"host": ""})["settings"]["domain"]["host"] == ""
    assert "dokploy" not in sim.server.store.traefik


def test_the_container_of_traefik_is_waited_for(sim: Simulator, host: Host) -> None:
    sim.config(traefik_restart_seconds=0.1)
    traefik = {"environment": {"A": "1"}, "ports": [PORT]}
    host.ok(OPERATION, traefik=traefik)
    store = sim.server.store
    assert store.traefik_environment == "A=1\nPATH=/bin" and len(store.traefik_ports) == 1


def test_published_ports_are_closed_before_others_join_them(sim: Simulator, host: Host) -> None:
    host.ok(OPERATION, traefik={"ports": [PORT]})
    sim.reset_stats()
    host.new_task()
    host.ok(OPERATION, traefik={"ports": [PORT, {"target_port": 53, "published_port": 53, "protocol": "udp"}]})
    assert sim.calls("mutation") == ["settings.updateTraefikPorts"] * 2
    assert len(sim.server.store.traefik_ports) == 2


def test_a_taken_port_is_an_error_of_the_server(sim: Simulator, host: Host) -> None:
    sim.config(host_ports=[15432])
    refused = host.failed(OPERATION, traefik={"ports": [PORT]})
    assert "Port 5432 is already in use" in refused["msg"] and refused["changed"] is False


def test_ports_are_written_when_the_container_without_them_runs(sim: Simulator, host: Host) -> None:
    """While there is none, the server refuses them; one that is being removed shows no port either."""
    host.ok(OPERATION, traefik={"ports": [PORT]})
    sim.fault("status", "docker.getConfig", status=200, body={"State": {"Running": False}}, times=2)
    sim.reset_stats()
    host.new_task()
    host.ok(OPERATION, traefik={"ports": [PORT, {"target_port": 53, "published_port": 53}]})
    write, look = "settings.updateTraefikPorts", ["settings.getTraefikPorts", "docker.getConfig"]
    assert [name for name in sim.calls() if name in (write, *look)][1:-1] == [write, *look * 3, write, *look]


SECOND = {"target_port": 53, "published_port": 15353}


@pytest.mark.parametrize("before", [[], [PORT], [SECOND]])
@pytest.mark.parametrize("unseen", [False, True])
def test_traefik_keeps_what_it_had_where_a_port_is_taken(
    sim: Simulator, host: Host, monkeypatch: pytest.MonkeyPatch, before: list[dict[str, Any]], unseen: bool
) -> None:
    monkeypatch.setattr(traefik_settings, "_RECREATED", 0.2)
    host.ok(OPERATION, traefik={"ports": before})
    stored, wanted = sim.server.store.traefik_ports, [*before, {"target_port": 5433, "published_port": 15433}]
    sim.config(**{"unseen_ports" if unseen else "host_ports": [15433]})
    sim.reset_stats()
    host.new_task()
    failed = host.failed(OPERATION, traefik={"ports": wanted})
    assert ("does not have it after 0 s" if unseen else "Port 5433 is already in use") in failed["msg"]
    assert sim.server.store.traefik_ports == stored
    # What was refused at once has changed nothing, unless others were closed before.
    changed = unseen or before != []
    assert ("Traefik has what it had before." in failed["msg"]) is changed is failed["changed"]
    assert len(sim.calls("mutation")) == 1 + 2 * bool(before) + (unseen and not before)
    sim.config(unseen_ports=[], host_ports=[])
    host.new_task()
    assert host.ok(OPERATION, traefik={"ports": wanted})["changed"]


def test_a_traefik_that_does_not_get_back_what_it_had(
    sim: Simulator, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traefik_settings, "_RECREATED", 0.2)
    host.ok(OPERATION, traefik={"dashboard": True})
    sim.config(unseen_ports=[15432, 8080])
    host.new_task()
    failed = host.failed(OPERATION, traefik={"ports": [PORT]})
    assert failed["msg"].count("does not have it after 0 s") == 2
    assert "Nor does it get back what it had before: " in failed["msg"] and failed["error"]["kind"] == "timeout"


def test_secrets_of_traefik_are_in_no_result(sim: Simulator, host: Host) -> None:
    hashed = "admin:$2y$05$abcdefghijklmnopqrstuv"
    users = {"http": {"middlewares": {"login": {"basicAuth": {"users": [hashed]}}}}}
    result = host.ok(OPERATION, traefik={"environment": {"CF_TOKEN": "s3cret-of-cf"}, "middlewares": users})
    assert "s3cret-of-cf" not in str(result) and "$2y$" not in str(result)
    assert result["diff"]["after"]["traefik"]["environment"] == {"CF_TOKEN": "(hidden)"}


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"domain": {"host": "https://x.example.com"}}, "domain.host: 'https://x.example.com' is not a host name"),
        ({"domain": {"certificate_type": "letsencrypt"}}, "domain.letsencrypt_email is needed"),
        ({"domain": {"letsencrypt_email": "ops"}}, "domain.letsencrypt_email: 'ops' is not an email address"),
        ({"log_cleanup": "often"}, "log_cleanup"),
        ({"builds_concurrency": 101}, "builds_concurrency is 101; it must be between 1 and 100"),
        ({"traefik": {"config": "junk: ["}}, "traefik.config: it is not valid YAML"),
        ({"traefik": {"middlewares": "text"}}, "traefik.middlewares: it must be a mapping"),
        ({"traefik": {"ports": [], "dashboard": True}}, "traefik.ports and traefik.dashboard are mutually exclusive"),
        ({"traefik": {"config": {}, "access_log": True}}, "traefik.config and traefik.access_log"),
        ({"traefik": {"config": ""}}, "traefik.config must not be empty: Traefik does not start"),
        ({"traefik": {"config": {}}}, "traefik.config must not be empty: Traefik does not start"),
        ({"traefik": {"config": "{}"}}, "traefik.config: it must not be empty: Traefik does not start"),
        ({"traefik": {"middlewares": {"http": {"routers": {}}}}}, "traefik.middlewares: http.routers is empty"),
        ({"traefik": {"middlewares": "http: {x: '********'}"}}, "traefik.middlewares: it has ******** in place of a"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_written(
    sim: Simulator, host: Host, params: dict[str, Any], message: str
) -> None:
    refused = host.failed(OPERATION, **params)
    assert message in refused["msg"] and sim.calls("mutation") == []


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_is_done_and_says_what_it_removes(sim: Simulator, host: Host, name: str) -> None:
    predicted = host.ok(OPERATION, check=True, actions=[name])
    assert predicted["changed"] and sim.calls("mutation") == []
    result = host.ok(OPERATION, actions=[name])
    assert result["changed"] and sim.calls("mutation") == [ACTIONS[name].procedure]
    assert result["actions"] == [{"action": name, "effect": ACTIONS[name].effect}] == predicted["actions"]
    assert result["diff"]["after"]["actions"] == [ACTIONS[name].effect]


def test_a_restart_of_the_server_is_waited_for(sim: Simulator, host: Host) -> None:
    sim.hold("settings.reloadServer", act=[{"restart": True, "seconds": 0.2}])
    result = host.ok(OPERATION, actions=["reload_server"])
    assert result["changed"] and host.read("settings.getDokployVersion") == f"v{NEWEST}"


def test_a_member_is_told_that_it_lacks_the_right(sim: Simulator, host: Host) -> None:
    sim.act(member="dev@example.com", key="k" * 64)
    host.connection["dokploy_api_key"] = "k" * 64
    refused = host.failed(OPERATION, server_ip="192.0.2.9")
    assert refused["error"]["kind"] == "permission" and refused["changed"] is False


# --- further files of Traefik ----------------------------------------------------------------------------------------

FOLDER = "/etc/dokploy/traefik"
WRITE = "settings.updateTraefikFile"


def file(path: str = "dynamic/company.yml", content: Any = None) -> dict[str, Any]:
    return {"path": path, "content": {"http": {"middlewares": {"a": {"compress": {}}}}} if content is None else content}


def files(*stated: dict[str, Any]) -> dict[str, Any]:
    return {"traefik": {"files": list(stated)}}


def test_files_are_compared_and_written(sim: Simulator, host: Host) -> None:
    first, text = file(), "http:\n  middlewares: {a: {headers: {customRequestHeaders: {X: secret-of-file}}}}\n"
    for content, before in ((first["content"], None), (text, "******** (old)")):
        host.new_task()
        sim.reset_stats()
        predicted = host.ok(OPERATION, check=True, **files(file(content=content)))
        assert sim.calls("mutation") == []
        result = host.ok(OPERATION, **files(file(content=content)))
        assert result["changed"] and result["diff"] == predicted["diff"]
        assert result["diff"]["before"]["traefik"]["files"] == {"dynamic/company.yml": before}
        assert result["diff"]["after"]["traefik"]["files"] == {"dynamic/company.yml": "******** (new)"}
        assert sim.calls("mutation") == [WRITE]
        host.new_task()
        # Comments and the order of keys do not count.
        shown = f"# of us\n{content}" if isinstance(content, str) else content
        again = host.ok(OPERATION, **files(file(content=shown)))
        assert again["changed"] is False and sim.calls("mutation") == [WRITE]
        assert "secret-of-file" not in repr((predicted, result, again))
    assert host.read("settings.readTraefikFile", path=f"{FOLDER}/dynamic/company.yml") == text


def test_what_traefik_does_not_read_itself_may_be_empty(host: Host) -> None:
    assert host.ok(OPERATION, **files(file("own.yml", {"http": {}})))["changed"]


def test_sections_that_traefik_ignores(host: Host) -> None:
    content = {"htpp": {}, "TCP": {"serversTransports": {"a": {}}}, "b": 1}
    ignored = "Traefik ignores the keys 'htpp', 'b', since it knows only http, tcp, udp, tls."
    one = host.ok(OPERATION, **files(file(content=content), file("own.yml", content)))
    assert one["warnings"] == [f"traefik.files: the content of dynamic/company.yml: {ignored}"]
    host.new_task()
    assert host.ok(OPERATION, traefik={"middlewares": content})["warnings"] == [f"traefik.middlewares: {ignored}"]


def test_files_beside_other_settings_and_each_other(sim: Simulator, host: Host) -> None:
    stated = files(file(), file("dynamic/certificates/own.yaml"), file("dynamic/empty.yml", ""))
    result = host.ok(OPERATION, server_ip="192.0.2.1", actions=["clean_builds"], **stated)
    assert result["diff"]["after"]["server_ip"] == "192.0.2.1"
    assert set(result["diff"]["after"]["traefik"]["files"]) == {one["path"] for one in stated["traefik"]["files"]}
    assert [one["action"] for one in result["actions"]] == ["clean_builds"]
    assert host.read("settings.readTraefikFile", path=f"{FOLDER}/dynamic/empty.yml") == "{}\n"
    host.new_task()
    sim.reset_stats()
    assert host.ok(OPERATION, server_ip="192.0.2.1", **stated)["changed"] is False
    # One that is not listed stays.
    assert host.ok(OPERATION, **files(file()))["changed"] is False
    assert sim.calls("mutation") == []


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        (file("/etc/passwd.yml"), "must be relative"),
        (file("../a.yml"), "must be relative"),
        (file("dynamic/../../a.yml"), "must be relative"),
        (file("dynamic/./a.yml"), "must be relative"),
        (file("dynamic/a b.yml"), "must be relative"),
        (file("dynamic/a.yml\n"), "must be relative"),
        (file("dynamic/acme.json"), "must be relative"),
        (file(""), "must be relative"),
        (file("dynamic/" + "a" * 300 + ".yml"), "must be relative"),
        (file("traefik.yml"), "use traefik.config"),
        (file("dynamic/middlewares.yml"), "use traefik.middlewares"),
        (file("nowhere/a.yml"), "the folder of nowhere/a.yml does not exist"),
        (file(content="a: ["), "is not valid YAML"),
        (file(content="a: 1\na: 2"), "has the key 'a' twice"),
        (file(content=[1]), "it must be a mapping or the text of one"),
        (file(content="text"), "must be a mapping such as"),
        (file(content={"http": {"routers": {}}}), "http.routers is empty or not a mapping. Traefik refuses the file"),
    ],
)
def test_files_that_are_refused(sim: Simulator, host: Host, stated: dict[str, Any], words: str) -> None:
    sim.reset_stats()
    failed = host.failed(OPERATION, server_ip="192.0.2.9", **files(stated))
    assert failed["error"]["kind"] == "option" and failed["msg"].startswith("traefik.files: ")
    assert words in failed["msg"]
    # Only a folder has to be looked for.
    read = ["settings.getWebServerSettings", "settings.readDirectories"] if "folder" in words else []
    assert sim.calls() == read


def test_a_path_that_is_stated_twice(host: Host) -> None:
    assert "'dynamic/company.yml' is stated twice" in host.failed(OPERATION, **files(file(), file()))["msg"]


def test_a_file_that_the_server_cannot_write(sim: Simulator, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that only root may write to, for example."""
    monkeypatch.setattr(web_server, "write_file", lambda store, path, text: None)
    failed = host.failed(OPERATION, **files(file()))
    assert failed["error"]["kind"] == "not_applied"
    assert "the server accepted dynamic/company.yml, but does not have it" in failed["msg"]


def test_middlewares_of_applications_stay(sim: Simulator, host: Host) -> None:
    """Dokploy keeps them in the same file; also those that appear after the plan."""
    own, other = ({"http": {"middlewares": {name: {"compress": {}}}}} for name in ("a", "b"))
    host.ok(OPERATION, traefik={"middlewares": own})
    of_dokploy = {
        "redirect-app-calculate-haptic-bus-pqi29j-1": {"redirectRegex": {"regex": "a", "replacement": "b"}},
        "auth-app-calculate-haptic-bus-pqi29j": {"basicAuth": {"users": ["a:b"]}},
        "stripprefix-app-calculate-haptic-bus-pqi29j-12": {"stripPrefix": {"prefixes": ["/a"]}},
        "redirect-to-https": {"redirectScheme": {"scheme": "https", "permanent": True}},
    }
    store = sim.server.store
    store.middlewares.update({**of_dokploy, "auth-by-hand": {"compress": {}}})
    host.new_task()
    all_of_them = {"http": {"middlewares": dict(store.middlewares)}}
    assert host.ok(OPERATION, traefik={"middlewares": all_of_them})["changed"] is False
    for stated in (other, ""):
        host.new_task()
        assert host.ok(OPERATION, traefik={"middlewares": stated})["changed"]
        assert store.middlewares == {
            **of_dokploy,
            **(stated["http"]["middlewares"] if isinstance(stated, dict) else {}),
        }
        host.new_task()
        assert host.ok(OPERATION, traefik={"middlewares": stated})["changed"] is False
    # What is stated is compared.
    changed = {"http": {"middlewares": {"auth-app-calculate-haptic-bus-pqi29j": {"compress": {}}}}}
    host.new_task()
    assert host.ok(OPERATION, traefik={"middlewares": changed})["changed"]
    assert store.middlewares == {**of_dokploy, **changed["http"]["middlewares"]}
