# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which documentation of options follows from descriptions, and what of it an author keeps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible.module_utils.common.yaml import yaml_load

from ansible_collections.community.dokploy.plugins.module_utils._engine.apply import resource_operation
from ansible_collections.community.dokploy.plugins.module_utils._engine.apply_child import child_operation
from ansible_collections.community.dokploy.plugins.module_utils._engine.info import info_operation
from ansible_collections.community.dokploy.plugins.module_utils._model.child import child
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field, Group, Listing
from ansible_collections.community.dokploy.plugins.module_utils._model.procedures import (
    Creation,
    Removal,
    Replacement,
    Updating,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import FORCE, Resource
from ansible_collections.community.dokploy.plugins.module_utils._model.states import States, Transition
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.references import (
    removal_unless_used,
)
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import BOOLEAN
from tools import options
from tools.option_words import words_of

NAME = Field("name", "name", needed=True, limits=(1, 255))
LEVEL = Field("level", "level", choices=("info", "error"))
BANNER = Resource(
    name="old_banner",
    scope="instance",
    listing=Listing("old banner", ("oldBanner.all",), "oldBannerId"),
    options=(NAME, LEVEL, Group("style", (Field("bold", "bold", BOOLEAN),))),
    creation=Creation("oldBanner.create"),
    updating=Updating("oldBanner.update"),
    removal=Removal("oldBanner.remove"),
)
REPLACED = Updating("oldBanner.update", replacement=Replacement(list))
OPERATION = resource_operation(BANNER)
OWN = """
module: dokploy_old_banner
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.unstated
options:
  level:
    description:
      - How urgent it is.
      - "Not: how long."
  style:
    description: How it looks.
    suboptions:
      bold:
        description: Whether it is bold.
seealso:
  - module: community.dokploy.dokploy_info
"""
COMPLETE = f"""
module: dokploy_old_banner
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.unstated
options:
{options.BEGIN}
  state:
    description:
      - V(present) creates the old banner, or updates it where it differs.
      - V(absent) removes the old banner.
    type: str
    choices:
      - present
      - absent
    default: present
  name:
    description:
      - Name of the old banner, 1 to 255 characters. Case is significant.
      - One of O(name) and O(old_banner_id) is required.
    type: str
  old_banner_id:
    description:
      - ID of an existing old banner. Use it instead of O(name), or with it to rename the old banner.
      - If it does not exist, O(state=present) fails, and O(state=absent) changes nothing.
    type: str
{options.END}
  level:
    description:
      - How urgent it is.
      - "Not: how long."
    type: str
    choices:
      - info
      - error
  style:
    description: How it looks.
    type: dict
    suboptions:
      bold:
        description: Whether it is bold.
        type: bool
seealso:
  - module: community.dokploy.dokploy_info
"""


def test_what_follows_is_written_and_stays() -> None:
    assert options.documentation(OWN, OPERATION) == COMPLETE
    assert options.documentation(COMPLETE, OPERATION) == COMPLETE


def test_what_is_out_of_date_is_written_again() -> None:
    old = COMPLETE.replace("V(absent) removes the old banner.", "V(absent) hides it.")
    old = old.replace("      - absent\n", "").replace("      - error\n", "      - severe\n    default: severe\n")
    old = old.replace("        type: bool\n", "        type: str\n        aliases: [strong]\n")
    assert options.documentation(old, OPERATION) == COMPLETE


def test_an_option_that_a_person_describes_is_left_to_that_person() -> None:
    """It may stand anywhere, and the block does not repeat it."""
    words = "  state:\n    description: Whether users see it.\n"
    found = options.documentation(COMPLETE.replace("  style:\n", f"{words}  style:\n"), OPERATION)
    described = yaml_load(found)["options"]
    assert described["state"]["description"] == "Whether users see it."
    assert described["state"]["choices"] == ["present", "absent"]
    block, _end, own = found.partition(options.END)
    assert ("  state:" in block, "  state:" in own, "  name:" in block) == (False, True, True)
    assert options.documentation(found, OPERATION) == found


def test_without_words_of_its_own_a_module_needs_no_options() -> None:
    """As one that lists resources."""
    head = "\nmodule: dokploy_old_banner_info\nextends_documentation_fragment:\n  - community.dokploy.listing\n"
    tail = "seealso:\n  - module: community.dokploy.dokploy_old_banner\n"
    operation = info_operation(BANNER)
    found = options.documentation(head + tail, operation)
    assert yaml_load(found)["options"].keys() == {"old_banner_id"}
    assert found.startswith(head) and found.endswith(f"    type: str\n{tail}")
    assert options.documentation(found, operation) == found
    # Nothing is left of it once the module describes the option.
    own = f"{head}options:\n  old_banner_id:\n    description: Its ID.\n    type: str\n{tail}"
    assert options.documentation(own, operation) == own


def test_an_option_without_words_is_named() -> None:
    with pytest.raises(ValueError, match="^describe the option level$"):
        options.documentation(OWN.replace("  level:\n", "  levels:\n"), OPERATION)
    with pytest.raises(ValueError, match="^describe the options level, style$"):
        options.documentation(OWN[: OWN.index("options:")], OPERATION)


TRANSITION = Transition(list, list, dict)
STATES = States({"tested": TRANSITION, "sent": TRANSITION})


@pytest.mark.parametrize(
    ("more", "option", "words"),
    [
        # A state of its own has none.
        ({"states": STATES}, "state", None),
        ({"updating": Updating()}, "state", "V(present) creates the old banner, or compares it."),
        ({"states": States({"tested": TRANSITION})}, "old_banner_id", "O(state=present) and O(state=tested) fail, and"),
        ({"states": STATES}, "old_banner_id", "O(state=absent) changes nothing, and other states fail."),
        ({"updating": Updating()}, "old_banner_id", "Use it instead of O(name)."),
        ({"scope": "server"}, "server", "Name or ID of the server that the old banner is in."),
        ({"scope": "server"}, "old_banner_id", "Use it instead of O(server) and O(name), or with O(name) to"),
        ({"scope": "environment"}, "old_banner_id", "O(project), O(environment) and O(name), or with them to move or"),
        (
            {"scope": "environment"},
            "name",
            "If several old banners in the environment have this name, the module fails",
        ),
        ({"scope": "project"}, "project", "With O(old_banner_id), the project to move the old banner to."),
        ({"options": (replace(NAME, pattern=("a", "b")),)}, "name", None),
        ({"removal": Removal("oldBanner.remove", steps=list, options=FORCE)}, "force", None),
        # It may remove something else.
        ({"removal": Removal("oldBanner.remove", steps=list, options=FORCE)}, "state", None),
        (
            {"removal": removal_unless_used("oldBanner.remove", {}, "forgets them")},
            "force",
            "Whether O(state=absent) also removes an old banner that something uses.",
        ),
        (
            {"removal": removal_unless_used("oldBanner.remove", {}, "forgets them")},
            "state",
            "If something uses it, the module fails and lists it, unless O(force=true).",
        ),
        ({"updating": REPLACED}, "replace", "again if an option differs."),
        (
            {"updating": REPLACED, "options": (NAME, replace(LEVEL, replaces=True))},
            "replace",
            "again if O(level) differs.",
        ),
        (
            {"options": (NAME, Field("key", "key", secret=True, write_only=True))},
            "update_secrets",
            "only when the old banner is created (V(on_create))",
        ),
    ],
)
def test_the_words_of_a_resource(more: dict[str, Any], option: str, words: str | None) -> None:
    operation = resource_operation(replace(BANNER, **more))
    assert option in operation.options
    found = words_of(operation).get(option)
    assert (words is None) == (found is None)
    assert words is None or words in " ".join(found or ())


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["key"], "the key. It is then"),
        (["api_key", "env"], "the API key and the variables. They are then"),
        (["env"], "the variables. They are then"),
        (["a", "b", "a", "c"], "the a, the b and the c. They are then"),
    ],
)
def test_the_secrets_of_a_list(names: list[str], words: str) -> None:
    fields = [Field(name, name, secret=True) for name in dict.fromkeys(names)]
    found = words_of(info_operation(replace(BANNER, options=(NAME, *fields))))
    assert words in found["include_secrets"][0]
    hidden = [replace(field, write_only=True) for field in fields]
    assert "include_secrets" not in words_of(info_operation(replace(BANNER, options=(NAME, *hidden))))


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (["name"], "Use it instead of O(name), or with it to rename the old box."),
        (["path"], "Use it instead of O(path), or with it to change it in place."),
        (["path", "port"], "Use it instead of O(path) and O(port), or with them to change them in place."),
    ],
)
def test_the_words_of_a_child(keys: list[str], words: str) -> None:
    boxes = child("box", "old_box", *(Field(key, key, key=True) for key in keys), parent={})
    found = words_of(child_operation((replace(BANNER, children=(boxes,)), boxes)))
    assert found["state"][0] == "V(present) creates the old box, or updates it where it differs."
    assert found["old_box_id"][0] == f"ID of an existing old box. {words}"
    assert found["old_box_id"][2] == f"One of O({keys[0]}) and O(old_box_id) is required."
