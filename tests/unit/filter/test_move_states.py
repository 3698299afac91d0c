# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The states of a move as tables of state and step, and of state and event, and what a run goes by in each."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.plugin_utils._moves import states
from ansible_collections.community.dokploy.plugins.plugin_utils._moves.states import STATES, noted, refusal_of, state_of
from ansible_collections.community.dokploy.plugins.plugin_utils._procedures.steps import STEPS

NOW = 1_780_000_000.0
AT = "2026-05-28T20:26:40Z"
A, B = "https://a.test", "https://b.test"
# What is known in each state.
KNOWN: dict[str, dict[str, Any]] = {
    "new": {},
    "begun": {"to": B},
    "prepared": {"to": B, "prepared_at": AT},
    "stopped": {"to": B, "prepared_at": AT, "stopped_at": NOW},
    "live": {"to": B, "prepared_at": AT, "stopped_at": NOW, "live_at": AT},
    "named": {"to": B, "prepared_at": AT, "stopped_at": NOW, "live_at": AT, "named_at": AT},
    "finished": {"to": B, "prepared_at": AT, "stopped_at": NOW, "live_at": AT, "finished_at": AT},
}
UNPREPARED, SOURCE_RUNS, SOURCE_STOPPED = "not prepared", "target is not live", "The source was stopped"
WRITES, NO_WAY = "nothing is written over it", "The way back is a move the other way"
# state: what is said to prepare, switch, finish and back; nothing where the step is taken.
TAKEN = {
    "new": ("", UNPREPARED, SOURCE_RUNS, UNPREPARED),
    "begun": ("", UNPREPARED, SOURCE_RUNS, ""),
    "prepared": ("", "", SOURCE_RUNS, ""),
    "stopped": (SOURCE_STOPPED, "", SOURCE_RUNS, ""),
    "live": (WRITES, "", "", NO_WAY),
    "named": (WRITES, "", "", NO_WAY),
    "finished": (WRITES, "", "", NO_WAY),
}
EVENTS = ("begun", "prepared", "stopped", "started", "live", "named", "pointed", "left", "finished")
# state: the state after each event, a dash where it cannot be.
FOLLOWS = {
    "new": "begun - - - - - - - -",
    "begun": "begun prepared - - - - - - -",
    "prepared": "prepared prepared stopped - - - - - -",
    "stopped": "- - - prepared live - - - -",
    "live": "- - - - - named live live finished",
    "named": "- - - - - - named named finished",
    "finished": "- - - - - - finished - -",
}


@pytest.mark.parametrize("state", STATES)
def test_what_is_known_tells_the_state(state: str) -> None:
    assert state_of(KNOWN[state]) == state


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("place", "step"), [(0, "prepare"), (1, "switch"), (2, "finish"), (3, "back")])
def test_the_steps_that_a_state_takes(state: str, place: int, step: str) -> None:
    refusal = refusal_of(KNOWN[state], step, "move it back")
    said = TAKEN[state][place]
    assert (refusal is None) is (said == "")
    assert said in (refusal or "")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("place", "event"), list(enumerate(EVENTS)))
def test_the_state_after_an_event(state: str, place: int, event: str) -> None:
    follows = FOLLOWS[state].split()[place]
    if follows == "-":
        with pytest.raises(ValueError, match="a move that is %s cannot be %s" % (state, event)):
            noted(KNOWN[state], event, {}, NOW)
    else:
        after = noted(KNOWN[state], event, {"to": B, "more": 1}, NOW)
        assert (state_of(after), after["more"]) == (follows, 1)


def test_the_tables_have_all_that_there_is() -> None:
    assert set(TAKEN) == set(FOLLOWS) == set(KNOWN) == set(STATES)
    assert {event for events in states.EVENTS_OF.values() for event in events} == set(EVENTS)


def test_each_event_notes_its_time() -> None:
    assert noted(KNOWN["begun"], "prepared", {}, NOW)["prepared_at"] == AT
    assert noted(KNOWN["prepared"], "stopped", {}, NOW)["stopped_at"] == NOW
    assert noted(KNOWN["stopped"], "started", {}, NOW)["stopped_at"] == ""
    assert noted(KNOWN["live"], "pointed", {}, NOW)["dns"] is True
    assert noted(KNOWN["live"], "left", {"volumes": ["v"]}, NOW) == {**KNOWN["live"], "volumes": ["v"]}


# --- what a run goes by ----------------------------------------------------------------------------------------------

WEB: dict[str, Any] = {
    "section": "applications",
    "kind": "application",
    "path": "shop/production/web",
    "names": ["shop", "production", "web"],
    "type": None,
    "runs": True,
    "server": "",
    "lists": ["domains"],
    "hosts": ["shop.test"],
    "ports": [],
}
OPTIONS: dict[str, Any] = {
    "step": "switch",
    "projects": ["shop"],
    "environments": [],
    "services": [],
    "dest": "/moves/shop",
    "to_url": B,
    "to_server": None,
    "to_own_host": False,
}
THERE = {"to_url": None, "to_server": "edge"}


def going(state: str, **options: Any) -> dict[str, Any]:
    known = {
        **KNOWN[state],
        "services": [WEB],
        "created": [{"kind": "application", "path": "shop/production/web-moving"}],
    }
    result: dict[str, Any] = STEPS["move_run"]({**OPTIONS, **options}, A, known, [WEB])
    return result


def name_in(projects: list[dict[str, Any]]) -> str:
    """The only service that a document names."""
    (service,) = projects[0]["environments"][0]["applications"]
    return str(service["name"])


@pytest.mark.parametrize("state", ["prepared", "stopped", "live", "named", "finished"])
def test_names_are_not_twice_on_one_dokploy(state: str) -> None:
    other, same = going(state), going(state, **THERE)
    assert (other["rename"], other["old_suffix"], other["to"]) == ({}, "", B)
    is_named = state in ("named", "finished")
    assert same["rename"] == ({} if is_named else {"shop/production/web": "shop/production/web-moving"})
    assert name_in(same["documents"]["unlocked"]) == ("web-moved" if is_named else "web")
    assert name_in(same["documents"]["started_there"]) == ("web" if is_named else "web-moving")
    assert (same["to"], same["own_scope"]) == (A + ", server edge", {"services": ["shop/production/web"]})


def test_only_what_the_move_has_made_is_removed() -> None:
    assert name_in(going("prepared", **THERE)["documents"]["removed_there"]) == "web-moving"
    assert going("prepared")["documents"]["removed_there"] == []
    assert going("new")["documents"]["started"][0]["name"] == "shop"


def test_an_event_counts_at_once() -> None:
    run = STEPS["move_run"](OPTIONS, A, KNOWN["prepared"], [WEB], "stopped", {"services": [WEB]}, str(NOW))
    assert (run["state"], run["is_stopped"], run["is_live"], run["known"]["stopped_at"]) == (
        "stopped",
        True,
        False,
        NOW,
    )
    assert name_in(run["documents"]["writers_stopped"]) == "web"
    assert run["documents"]["databases_stopped"] == []


@pytest.mark.parametrize(
    ("options", "server", "command"),
    [
        ({}, "", "-e dokploy_url=%s -e move_to_url=%s" % (B, A)),
        (THERE, "", "-e move_to_own_host=true"),
        (THERE, "far", "-e move_to_server=far"),
    ],
)
def test_the_way_back_from_a_target_that_is_live(options: dict[str, Any], server: str, command: str) -> None:
    known = {**KNOWN["live"], "services": [{**WEB, "server": server}]}
    run = STEPS["move_run"]({**OPTIONS, **options, "step": "back"}, A, known, [])
    assert run["refusal"].endswith(" -e move_dest=/moves/shop-back %s." % command)


@pytest.mark.parametrize(
    ("options", "known", "said"),
    [
        ({}, KNOWN["prepared"], None),
        ({"step": "prepare"}, {}, None),
        (THERE, {"to": A + ", server edge"}, None),
        ({"to_url": None, "to_own_host": True}, {"to": A + ", its own host"}, None),
        ({"projects": []}, {}, "Set what is moved"),
        ({"to_url": None}, {}, "Set what is moved"),
        ({"to_url": A + "/"}, {}, "Set what is moved"),
        ({"to_server": "edge", "to_own_host": True}, {}, "Set what is moved"),
        ({}, {}, "Nothing is prepared in /moves/shop."),
        ({}, {"to": "https://c.test"}, "move_dest is the folder of another move"),
        ({}, {"to": B, "scope": {"services": ["a/b/c"]}}, "move_dest is the folder of another move"),
    ],
)
def test_options_that_are_no_move(options: dict[str, Any], known: dict[str, Any], said: str | None) -> None:
    mistakes = STEPS["move_mistakes"]({**OPTIONS, **options}, A, known)
    assert mistakes == [] if said is None else mistakes[0].startswith(said)
