# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Traefik file of an application, as domains, redirects and users change it in place."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from dokploy_simulator.world.traefik import dump
from tests.support.simulator_client import Api


def read(api: Api, application: str) -> str | None:
    text: str | None = api.get("application.readTraefikConfig", applicationId=application).json()
    return text


def routers(api: Api, application: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(read(api, application) or "{}")["http"]["routers"]
    return {name.partition("-router-")[2]: entry for name, entry in found.items()}


def write(api: Api, application: str, text: str) -> None:
    assert api.post("application.updateTraefikConfig", applicationId=application, traefikConfig=text).json() is True


def domain(api: Api, application: str, **values: Any) -> dict[str, Any]:
    made: dict[str, Any] = api.post("domain.create", applicationId=application, **values).json()
    return made


def test_one_domain(api: Api) -> None:
    application = api.application()
    name = api.get("application.one", applicationId=application).json()["appName"]
    assert read(api, application) is None
    made = domain(api, application, host="a.example.com", port=80)
    assert read(api, application) == (
        f"http:\n  routers:\n    {name}-router-1:\n      rule: Host(`a.example.com`)\n      service: {name}-service-1\n"
        "      middlewares: []\n      entryPoints:\n        - web\n"
        f"  services:\n    {name}-service-1:\n      loadBalancer:\n        servers:\n          - url: http://{name}:80\n"
        "        passHostHeader: true\n"
    )
    api.post("domain.update", domainId=made["domainId"], host="a.example.com", enabled=False)
    assert read(api, application) is None
    api.post("domain.toggleEnable", domainId=made["domainId"], enabled=False)
    assert list(routers(api, application)) == ["1"]
    assert api.post("domain.delete", domainId=made["domainId"]).status_code == 200
    assert read(api, application) is None


def test_https_paths_and_middlewares(api: Api) -> None:
    application = api.application()
    paths = {"path": "/p", "internalPath": "/i", "stripPath": True, "middlewares": ["mw@file"]}
    made = domain(api, application, host="a.example.com", https=True, certificateType="letsencrypt", **paths)
    name = api.get("application.one", applicationId=application).json()["appName"]
    api.post("security.create", applicationId=application, username="u", password="p")
    api.post("redirects.create", applicationId=application, regex="^a", replacement="b", permanent=True)
    # Added to every router behind what is there, the one that only redirects included (measured).
    web, secure = routers(api, application).values()
    assert web["middlewares"] == ["redirect-to-https", f"auth-{name}", f"redirect-{name}-1"]
    own = [f"stripprefix-{name}-1", f"addprefix-{name}-1"]
    assert secure["middlewares"] == [*own, "mw@file", f"auth-{name}", f"redirect-{name}-1"]
    assert (secure["tls"], "tls" in web) == ({"certResolver": "letsencrypt"}, False)
    assert secure["rule"] == "Host(`a.example.com`) && PathPrefix(`/p`)"
    # A domain that is rewritten has its own order.
    custom = {"certificateType": "custom", "customCertResolver": "dns"}
    api.post("domain.update", domainId=made["domainId"], host="a.example.com", **custom)
    web, secure = routers(api, application).values()
    assert web["middlewares"] == ["redirect-to-https"]
    assert secure["middlewares"] == [*own, f"redirect-{name}-1", f"auth-{name}", "mw@file"]
    assert secure["tls"] == {"certResolver": "dns"}
    api.post("domain.update", domainId=made["domainId"], host="a.example.com", customEntrypoint="ent")
    (only,) = routers(api, application).values()
    assert (only["entryPoints"], only["tls"]) == (["ent"], {"certResolver": "dns"})


def test_users_and_redirects_go_as_they_came(api: Api) -> None:
    application = api.application()
    domain(api, application, host="a.example.com")
    for user in ("u1", "u2"):
        api.post("security.create", applicationId=application, username=user, password="p")
    api.post("redirects.create", applicationId=application, regex="^a", replacement="b", permanent=False)
    row = api.get("application.one", applicationId=application).json()
    name = row["appName"]
    assert routers(api, application)["1"]["middlewares"] == [f"auth-{name}", f"redirect-{name}-1"]
    api.post("redirects.delete", redirectId=row["redirects"][0]["redirectId"])
    first, second = (user["securityId"] for user in row["security"])
    api.post("security.delete", securityId=first)
    assert routers(api, application)["1"]["middlewares"] == [f"auth-{name}"]
    api.post("security.update", securityId=second, username="u3", password="p")
    assert routers(api, application)["1"]["middlewares"] == [f"auth-{name}"]
    api.post("security.delete", securityId=second)
    assert routers(api, application)["1"]["middlewares"] == []


def test_a_user_without_any_domain_makes_an_empty_file(api: Api) -> None:
    application = api.application()
    api.post("security.create", applicationId=application, username="u", password="p")
    assert read(api, application) == "http:\n  routers: {}\n  services: {}\n"


def test_what_somebody_wrote_stays_without_its_comments(api: Api) -> None:
    application = api.application()
    write(api, application, "# mine\nhttp:\n  routers:\n    mine:\n      rule: Host(`x`)\n")
    made = domain(api, application, host="a.example.com")
    assert list(routers(api, application)) == ["", "1"] and "#" not in (read(api, application) or "")
    api.post("domain.delete", domainId=made["domainId"])
    assert read(api, application) == "http:\n  routers:\n    mine:\n      rule: Host(`x`)\n  services: {}\n"


def test_a_broken_file_is_written_and_breaks_what_comes_later(api: Api) -> None:
    application = api.application()
    made = domain(api, application, host="a.example.com")
    write(api, application, "a: [")
    assert api.post("domain.create", applicationId=application, host="b.example.com").status_code == 500
    assert api.post("domain.update", domainId=made["domainId"], host="c.example.com").status_code == 500
    # A new row is taken back, a changed one is not.
    (row,) = api.get("domain.byApplicationId", applicationId=application).json()
    assert row["host"] == "c.example.com"
    assert api.post("security.create", applicationId=application, username="u", password="p").status_code == 400
    assert api.post("redirects.create", applicationId=application, regex="a", replacement="b", permanent=True).json()
    assert read(api, application) == "a: ["
    write(api, application, "")
    api.post("domain.update", domainId=made["domainId"], host="c.example.com")
    assert list(routers(api, application)) == ["1"]


@pytest.mark.parametrize(
    "text", ["plain", "a b", "a: b", "- a", "#a", "true", "12", "", "`x`", "@at", "ü \"q\" 'q'", "a\nb"]
)
def test_texts_survive_the_file(text: str) -> None:
    value = {"http": {"a": [text, {"b": text, "c": None, "d": True, "e": 1}], "f": [], "g": {}, text or "h": text}}
    assert yaml.safe_load(dump(value)) == value


def test_domains_can_be_thought_of(api: Api) -> None:
    host = api.post("domain.generateDomain", appName="web-abc").json()
    assert host.startswith("web-abc-") and host.endswith("-127-0-0-1.sslip.io")
    assert api.post("domain.validateDomain", domain="nope.example.com").json()["isValid"] is False
    assert api.post("domain.toggleEnable", domainId="nope").status_code == 404
    assert api.get("domain.canGenerateTraefikMeDomains").status_code == 400


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", None),
        ("{}\n", None),
        ("# nothing\n", None),
        ("http:\n", None),
        ("http:\n  routers:\n    a: {}\n  services:\n", None),
        ("tls:\n  certificates: []\n", None),
        ("http:\n  routers: {}\n  services: {}\n", "routers cannot be a standalone element"),
        ("http:\n  routers: []\n", "routers cannot be a standalone element"),
        ("http:\n  routers:\n    a: {}\n  services: {}\n", "services cannot be a standalone element"),
        ("http:\n  routers:\n  services:\n", "http cannot be a standalone element"),
        ("http: {}\n", "http cannot be a standalone element"),
        ("http: []\n", "http cannot be a standalone element"),
        ("tcp:\n  routers: {}\n", "routers cannot be a standalone element"),
        ("tls:\n  stores: {}\n", "stores cannot be a standalone element"),
        ("a: [\n", "while parsing a flow node"),
    ],
)
def test_what_traefik_refuses(api: Api, text: str, reason: str | None) -> None:
    """As Traefik 3.7.15 was seen to take it."""
    application = api.application()
    write(api, application, text)
    name = api.get("application.one", applicationId=application).json()["appName"]
    assert api.session.get(f"{api.sim.url}/_sim/traefik").json() == {"refused": {name: reason} if reason else {}}
    assert api.sim.refused_files() == ([f"application.updateTraefikConfig: {reason}"] if reason else [])
