# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a promotion computes: its document, the requests to registries, and what it says."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.plugin_utils._procedures.steps import STEPS

FROM, TO = "shop/staging/web", "shop/production/web"
PAIR = {"from": FROM, "to": TO}
NOTHING = "Nothing was promoted, and what runs has not changed."
SUM = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("options", "pairs"),
    [
        ({"promote_from": FROM, "promote_to": TO, "promotions": []}, [PAIR]),
        ({"promote_from": None, "promote_to": None, "promotions": [PAIR, PAIR]}, [PAIR, PAIR]),
        ({"promote_from": FROM, "promote_to": None, "promotions": []}, None),
        ({"promote_from": FROM, "promote_to": "shop/web", "promotions": []}, None),
        ({"promote_from": FROM, "promote_to": TO + "/x", "promotions": []}, None),
        ({"promote_from": FROM, "promote_to": TO, "promotions": [{"from": FROM, "to": "/production/web"}]}, None),
    ],
)
def test_what_is_promoted_is_two_paths(options: dict[str, Any], pairs: Any) -> None:
    stated = STEPS["promote_pairs"](options)
    assert bool(stated["mistakes"]) is (pairs is None)
    assert pairs is None or stated["pairs"] == pairs


def test_the_document_of_a_promotion() -> None:
    pairs = [
        PAIR,
        {"from": "shop/staging/forum", "to": "shop/production/forum"},
        {"from": FROM, "to": "shop/live/gone"},
    ]
    applications = [{"applications": [{"server": "edge"}]}, {"applications": []}, {"applications": []}]
    stacks = [{"compose_stacks": []}, {"compose_stacks": [{}]}, {"compose_stacks": []}]
    targets = STEPS["promote_targets"](pairs, applications, stacks, {})
    assert targets["missing"] == ["shop/live/gone"]
    assert [(row["kind"], row["server"]) for row in targets["rows"]] == [
        ("applications", "edge"),
        ("compose", ""),
        ("", ""),
    ]
    web = {"name": "web", "image_of": FROM, "http_check": {}}
    forum = {"name": "forum", "image_of": "shop/staging/forum", "http_check": {}}
    environment = {"name": "production", "applications": [web], "compose": [forum]}
    assert targets["projects"] == [{"name": "shop", "environments": [environment]}]
    (project,) = STEPS["promote_targets"](pairs[:1], applications, stacks, None)["projects"]
    assert project["environments"][0]["applications"] == [{"name": "web", "image_of": FROM}]


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("nginx", "https://registry-1.docker.io/v2/library/nginx"),
        ("acme/web", "https://registry-1.docker.io/v2/acme/web"),
        ("docker.io/nginx", "https://registry-1.docker.io/v2/library/nginx"),
        ("docker.io/acme/web", "https://registry-1.docker.io/v2/acme/web"),
        ("ghcr.io/acme/web", "https://ghcr.io/v2/acme/web"),
        ("registry:5000/web", "https://registry:5000/v2/web"),
        ("localhost/web", "http://localhost/v2/web"),
        ("127.0.0.1:5000/acme/web", "http://127.0.0.1:5000/v2/acme/web"),
    ],
)
def test_a_registry_is_asked_for_the_digest(name: str, asked: str) -> None:
    login = {"username": "reader", "password": "pass"}
    images = [{"digest": "%s@%s" % (name, SUM)}, {"digest": None}]
    source = {"applications": [{"running": {"images": images}, "docker": login}]}
    (image,) = STEPS["promote_images"]([{"to": TO, "from": FROM}], [source])
    assert image["manifest"] == "%s/manifests/%s" % (asked, SUM)
    assert asked.endswith("/v2/" + image["path"])
    assert (image["to"], image["login"]) == (TO, login)


def test_only_an_answer_tells_that_an_image_is_gone() -> None:
    one, two = ({"digest": name, "from": FROM} for name in ("one", "two"))
    asked = [{"item": one, "status": 404}, {"item": two, "status": 401}, {"item": two}]
    again = [{"item": {"item": {"item": two}}, "status": 404}, {"skipped": True}]
    assert STEPS["promote_gone"](asked, again) == {"digests": ["one", "two"], "sources": [FROM]}
    assert STEPS["promote_gone"](asked[1:], [{"item": {"item": {"item": two}}, "status": 200}])["digests"] == []


def test_why_an_image_cannot_be_pulled() -> None:
    item = {"digest": "web@" + SUM, "to": TO}
    pulled = [{"failed": True, "item": item, "msg": "denied\na log"}, {"failed": False, "item": item}]
    assert STEPS["promote_refusal"](pulled).splitlines() == [
        NOTHING,
        "web@%s cannot be pulled for %s: denied" % (SUM, TO),
    ]
    assert STEPS["promote_refusal"]([]).splitlines()[0] == NOTHING


def test_the_plan_and_the_end_in_lines() -> None:
    change = {"action": "deploy", "kind": "application", "path": TO, "reason": "source changed"}
    plan = {
        "id": "ab12",
        "changes": [change, {**change, "reason": None}],
        "text": "+ image: a\n+   image: b\n+ image: a",
    }
    assert STEPS["promote_plan_lines"](plan) == [
        "plan ab12",
        "deploy application %s source changed" % TO,
        "deploy application %s" % TO,
        "image a",
        "image b",
    ]
    assert STEPS["promote_plan_lines"]({**plan, "changes": []}) == ["Nothing changes."]
    said = [STEPS["promote_outcomes"]([PAIR], *flags) for flags in ((True, False), (True, True), (False, False))]
    assert [line.split(TO)[1].split(" what")[0] for (line,) in said] == [" runs", " would run", " runs already"]
