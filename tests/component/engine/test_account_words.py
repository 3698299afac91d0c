# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Further words of a description, each with a resource that is made of it: how records are named, what only new ones
have, and what only one of them is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._engine.apply import resource_operation
from ansible_collections.community.dokploy.plugins.module_utils._engine.diff import Diff, Judgement
from ansible_collections.community.dokploy.plugins.module_utils._engine.info import info_operation
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Outcome, Step
from ansible_collections.community.dokploy.plugins.module_utils._engine.replacement import replacement_steps
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Session, first_complaint, run
from ansible_collections.community.dokploy.plugins.module_utils._engine.state import State
from ansible_collections.community.dokploy.plugins.module_utils._errors import ServerError
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field, Listing
from ansible_collections.community.dokploy.plugins.module_utils._model.procedures import (
    Creation,
    Reading,
    Removal,
    Replacement,
    Updating,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import ChangeCheck, Resource
from ansible_collections.community.dokploy.plugins.module_utils._reads.reads import Reads
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import BOOLEAN, GENERATED, INTEGER, Codec
from tests.component.engine.test_description_words import play
from tests.support.fake_clients import ScriptedClient, batch, reads, writes
from tests.support.host import validated

# --- names -----------------------------------------------------------------------------------------------------------

# Its name is an address, which the server stores in lower case and keeps unique, and its inputs call the ID otherwise.
GUEST = Resource(
    name="guest",
    scope="instance",
    listing=Listing("guest", ("guest.all",), "guestId", "email", key="guests"),
    options=(
        Field("email", "email", Codec("str", to_api=str.lower), needed=True, create_only=True),
        Field("pin", "pin", secret=True, needed=True, initial=True, input_only=True, limits=(4, 8)),
        Field(
            "rank", "rank", choices=("low", "high"), procedure="guest.promote", why_no_other_choice="Kings are born."
        ),
        Field("room", "room"),
    ),
    creation=Creation("guest.create", takes=("email", "pin", "rank")),
    reading=Reading(in_listing=True),
    updating=Updating("guest.update", always_sent={"room": "hall"}),
    removal=Removal("guest.remove", unanswered=True),
    input_key="id",
    unique=True,
)
GUESTS = resource_operation(GUEST)
ANN: dict[str, Any] = {"guestId": "g1", "email": "ann@example.com", "rank": "low", "room": "hall"}


def listed(*rows: dict[str, Any]) -> Any:
    return reads("guest.all", {"guests": list(rows), "more": 1})


def test_a_record_is_found_by_the_option_with_its_name_as_the_server_stores_it() -> None:
    assert "name" not in GUESTS.options and GUESTS.rules["required_one_of"] == [["email", "guest_id"]]
    assert not play(GUESTS, listed(ANN), email="Ann@Example.com", rank="low")["changed"]
    gone = play(
        GUESTS, listed(ANN), writes("guest.remove", None, id="g1", _timeout=120.0), listed(), email="ANN@example.com",
        state="absent",
    )  # fmt: skip
    assert gone["guest"] == {"guest_id": "g1", "email": "ann@example.com"}
    found = play(info_operation(GUEST), listed(ANN), email="ANN@example.com")["guests"]
    assert found == [{"guest_id": "g1", "email": "ann@example.com", "rank": "low", "room": "hall"}]
    other = play(GUESTS, listed(ANN), guest_id="g1", email="bob@example.com")
    assert other["msg"].startswith("email cannot be changed on an existing guest (it is 'ann@example.com')")


def test_a_removal_that_answers_nothing_is_verified() -> None:
    script = (listed(ANN), writes("guest.remove", None, id="g1", _timeout=120.0), listed(ANN))
    failed = play(GUESTS, *script, guest_id="g1", state="absent")
    assert failed["error"]["kind"] == "not_applied" and failed["changed"]
    assert "guest.remove was accepted, but guest.all still lists it" in failed["msg"]


def test_what_is_for_new_records_only_is_needed_then_and_not_compared_later() -> None:
    assert "update_secrets" not in GUESTS.options and "include_secrets" not in info_operation(GUEST).options
    lacking = play(GUESTS, listed(), email="ann@example.com")
    assert lacking["msg"] == "pin is needed to create a guest"
    short = play(GUESTS, listed(), email="ann@example.com", pin="123")
    assert short["msg"].startswith("pin must have at least 4 characters")
    # The creation takes the rank, which otherwise has a procedure of its own. The name is unique by itself.
    script = (
        listed(),
        writes("guest.create", {"guestId": "g1"}, email="ann@example.com", pin="12345", rank="high"),
        listed({**ANN, "rank": "high"}),
    )
    new = {"email": "ann@example.com", "pin": "12345", "rank": "high"}
    made = play(GUESTS, *script, **new)
    assert "pin" not in made["guest"]
    # Check mode knows what a new one has by itself.
    assert play(GUESTS, listed(), check=True, **new)["guest"] == {**made["guest"], "guest_id": GENERATED}
    assert not play(GUESTS, listed(ANN), email="ann@example.com", pin="other")["changed"]
    promoted = (listed(ANN), writes("guest.promote", {}, id="g1", rank="high"), listed({**ANN, "rank": "high"}))
    assert play(GUESTS, *promoted, email="ann@example.com", rank="high")["changed"]
    moved = (listed(ANN), writes("guest.update", {}, id="g1", room="attic"), listed({**ANN, "room": "attic"}))
    assert play(GUESTS, *moved, email="ann@example.com", room="attic")["changed"]


def test_a_value_that_is_no_choice_is_refused_with_the_reason() -> None:
    arguments = {"dokploy_url": "u", "dokploy_api_key": "k", "email": "ann@example.com", "rank": "king"}
    assert first_complaint(GUESTS, arguments) == "rank is 'king'; it must be one of 'low', 'high'. Kings are born."
    assert first_complaint(GUESTS, {**arguments, "rank": "low"}) is None


# --- the only one ----------------------------------------------------------------------------------------------------

PLACE = Resource(
    name="place",
    scope="instance",
    listing=Listing("place", ("place.all",), "placeId"),
    options=(Field("name", "name"), Field("main", "isMain", BOOLEAN, procedure="place.elect", elected=True)),
    creation=Creation("place.create", takes=("name",)),
    reading=Reading(in_listing=True),
    updating=Updating("place.update"),
    removal=Removal("place.remove"),
)
PLACES = resource_operation(PLACE)
HERE: dict[str, Any] = {"placeId": "p1", "name": "here", "isMain": True}
THERE: dict[str, Any] = {"placeId": "p2", "name": "there", "isMain": False}


def test_what_only_one_record_is_moves_to_it() -> None:
    after = [{**HERE, "isMain": False}, {**THERE, "isMain": True}]
    script = (reads("place.all", [HERE, THERE]), writes("place.elect", {}, placeId="p2"), reads("place.all", after))
    assert play(PLACES, *script, name="there", main=True)["diff"]["after"] == {"main": True}
    assert not play(PLACES, reads("place.all", [HERE, THERE]), name="there", main=False)["changed"]
    refused = play(PLACES, reads("place.all", [HERE]), name="here", main=False)
    assert refused["msg"].startswith("main: another place becomes the main one, with main=true for that")


def test_a_new_record_is_not_elected_by_itself() -> None:
    new = {"placeId": "p3", "name": "new", "isMain": False}
    created = (reads("place.all", [HERE]), writes("place.create", new, name="new"))
    script = (*created, batch(("place.all", {}, [HERE, new]), ("place.all", {}, [HERE, new])))
    assert play(PLACES, *script, name="new", main=False)["changed"]


# --- names inside of something else, and values that are shown once ---------------------------------------------------


def _home(reads: Reads) -> str:
    (own,) = reads.listings.rows(("me.get",))
    return str(own["home"])


class Keep(Step):
    """Keep the value of a new token."""

    def __init__(self, kept: list[str]) -> None:
        self.kept = kept

    def run(self, executor: Any, outcome: Outcome) -> None:
        self.kept.append(outcome.rows["self"]["value"])


KEPT: list[str] = []


def _keep(_state: State, diff: Diff, _params: Mapping[str, Any], _known: Mapping[str, Any]) -> Judgement:
    return Judgement(replace(diff, keeping=(Keep(KEPT),)) if diff.action in ("create", "replace") else diff)


TOKEN = Resource(
    name="token",
    scope="instance",
    listing=Listing("token", ("token.all",), "tokenId"),
    options=(
        Field("name", "name"),
        Field("house", "houseId", reference=Listing("house", ("house.all",), "houseId"), qualifies=_home),
        Field("uses", "uses", INTEGER),
        Field("left", "left", INTEGER, initial=True),
    ),
    creation=Creation(
        "token.create",
        takes=("name", "houseId", "uses", "left"),
        implied=lambda body: {"limited": "uses" in body},
        shown_once={"value": "value"},
    ),
    reading=Reading(in_listing=True),
    updating=Updating(replacement=Replacement(replacement_steps)),
    removal=Removal("token.remove"),
    checks=(ChangeCheck(_keep),),
)
TOKENS = resource_operation(TOKEN)
HOME = reads("me.get", {"home": "h1"})
HOUSES = reads("house.all", [{"houseId": "h1", "name": "one"}, {"houseId": "h2", "name": "two"}])
CI: dict[str, Any] = {"tokenId": "t1", "name": "ci", "houseId": "h2", "uses": 5, "left": 3}


def test_a_name_is_found_inside_of_what_qualifies_it() -> None:
    new = {**CI, "tokenId": "t2", "houseId": "h1", "uses": None, "left": None}
    script = (
        reads("token.all", [CI]),
        HOME,
        HOUSES,
        writes("token.create", {**new, "value": "value-of-it"}, name="ci", houseId="h1", limited=False),
        reads("token.all", [CI, new]),
    )
    made = play(TOKENS, *script, name="ci")
    assert made["token"]["token_id"] == "t2" and KEPT.pop() == "value-of-it"
    there = play(TOKENS, reads("token.all", [CI]), HOUSES, name="ci", house="two")
    assert not there["changed"] and there["token"] == {
        "token_id": "t1", "name": "ci", "house": "two", "uses": 5, "left": 3
    }  # fmt: skip
    assert not play(TOKENS, reads("token.all", [CI]), token_id="t1")["changed"]
    unknown = play(TOKENS, reads("token.all", [CI]), HOUSES, name="ci", house="tow")
    assert unknown["msg"].startswith("house: no house is named 'tow'")


def test_a_replaced_one_keeps_what_is_not_stated_but_for_what_is_for_new_ones() -> None:
    new = {**CI, "tokenId": "t2", "uses": 9, "left": 7}
    script = (
        reads("token.all", [CI]),
        writes("token.create", {**new, "value": "v"}, name="ci", houseId="h2", uses=9, left=7, limited=True),
        # Read back before the old one is removed, with which the run may log in.
        reads("token.all", [CI, new]),
        writes("token.remove", {}, tokenId="t1"),
    )
    stated = {"token_id": "t1", "uses": 9, "left": 7, "replace": True, "include_secrets": True}
    result = play(TOKENS, *script, **stated)
    assert result["diff"]["before"] == {"uses": 5, "left": 3} and result["diff"]["after"] == {"uses": 9, "left": 7}
    assert result["token"]["value"] == "v" and KEPT.pop() == "v"
    both = play(TOKENS, reads("token.all", [CI]), token_id="t1", uses=9, name="other")
    assert both["msg"].startswith("name and uses cannot be changed on an existing token. Set replace to true")


def test_a_value_that_is_shown_once_is_a_secret_from_then_on() -> None:
    creation = writes("token.create", {**CI, "value": "value-of-it"}, name="ci", houseId="h2", limited=False)
    unlisted = reads("token.all", [])
    client = ScriptedClient(unlisted, HOUSES, creation, unlisted, unlisted)
    params = validated(TOKENS, dokploy_url="http://x", dokploy_api_key="key", name="ci", house="two")
    session = Session(client)  # type: ignore[arg-type]
    failed = run(TOKENS, params, lambda _params: session, check_mode=False, diff_mode=True)
    assert "the server does not show it any more" in failed["msg"] and "value-of-it" in client.secrets
    assert KEPT.pop() == "value-of-it"


@pytest.mark.parametrize("status", [502, 503])
def test_a_creation_whose_answer_is_lost_is_not_repeated(status: int) -> None:
    """The value is lost with the answer, and what is listed does not tell whose it is."""
    lost = ServerError("lost", status=status, procedure="token.create", details={"effect_unknown": True})
    script = (reads("token.all", []), HOUSES, writes("token.create", lost, name="ci", houseId="h2", limited=False))
    failed = play(TOKENS, *script, name="ci", house="two")
    assert failed["failed"] and failed["effect_unknown"] is True and KEPT == []
