# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every option that holds a secret says so, and what only looks like one is listed with a reason."""

from __future__ import annotations

import re

import pytest

from ansible_collections.community.dokploy.plugins.plugin_utils._roles.options import unchecked, whole_specification
from ansible_collections.community.dokploy.plugins.plugin_utils._roles.variables import specification
from tests.support.operations import OPERATIONS
from tests.system.secrets.canary_options import BASE, MODULES, OptionPath, secret_paths, walk
from tools.workspace import ROOT

SMELLS = re.compile(r"pass|secret|token|key|cred|private|auth|cert|\bpin\b|env|content|webhook|cookie|hash|salt|login")

# Options whose names smell of a secret and which hold none.
NO_SECRETS: dict[str, str] = {
    "include_encryption_key": "a switch",
    "auth_scheme": "which header carries the key",
    "validate_certs": "a switch",
    "include_secrets": "a switch",
    "hashicorp": "suboptions, of which the token is a secret by itself",
    "environment_slug": "the name of an environment",
    "secrets": "which form they are written in",
    "rename_passwords": "what becomes of passwords",
    "secrets_dest": "the path of a file",
    "secrets_file": "the path of a file",
    "update_secrets": "when secrets are sent",
    "env_mode": "how variables are put together",
    "plain_env": "the names of variables whose values stay readable",
    "secret_env": "which values count as secrets",
    "secret_env_names": "the names of variables whose values are secrets",
    "build_secrets_mode": "how variables are put together",
    "create_env_file": "a switch",
    "environment": "the name of an environment",
    "environment_id": "an id",
    "environments": "a list of environments",
    "ssh_key": "the name of a key that Dokploy keeps",
    "ssh_key_id": "an id",
    "certificate_id": "an id",
    "basic_auth": "a list whose passwords are secret by themselves",
    "basic_auth_id": "an id",
    "forward_auth": "a switch",
    "certificate": "which kind of certificate, or the public part of one",
    "certificate_resolver": "the name of one of Traefik's resolvers",
    "certificate_type": "which kind of certificate",
    "api_key_id": "an id",
    "api_key_name": "the name of an API key",
    "api_key_file": "the path of a file",
    "replace_api_key": "a switch",
    "create_environments": "a switch",
    "delete_environments": "a switch",
    "ssh_keys": "a switch, or a list whose private keys are secret by themselves",
    "certificates": "a list whose private keys are secret by themselves",
}
# The text of a patch is a part of the repository's source, which whoever reviews a diff has to see; so is a Compose
# file, which takes its secrets from the variables in env.
NO_SECRETS_AT = {
    ("dokploy_compose", ("raw", "content")),
    ("dokploy_application", ("patches", "content")),
    ("dokploy_patch", ("content",)),
}
# Options that take an address, in which there may be credentials.
ADDRESSES = {
    "dokploy_url": "refused with credentials, and hidden in the record of the arguments",
    "url": "hidden in results, diffs, messages and the record of the arguments",
    "registry_url": "likewise",
    "ip_address": "a host name or an IP address; a URL is refused",
    "primary_url": "hidden where a task states them; it is the address of another libSQL database",
    "base_url": "hidden where a task states them; templates are public",
    "webhook_url": "a secret as a whole",
    **dict.fromkeys(
        ("server_url", "internal_url", "site_url", "api_url", "vault_uri"), "one with credentials is refused"
    ),
    "redirect_uri": "the address of Dokploy itself, without credentials",
    **dict.fromkeys(("from_address", "to_addresses"), "mail addresses"),
    "endpoint": "hidden where a task states them; rclone takes the keys from options of their own",
}


# Words that roles use for something else: the name of an environment, the names of middlewares.
PLAIN_IN_ROLES = {"content", "src", "input", "environment", "middlewares"}

ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())


def _role_options(role: str) -> list[tuple[str, OptionPath, dict[str, object]]]:
    """The options of a role, with their names without the prefix that all of a role's have."""
    described = specification(str(ROOT / f"roles/{role}/meta/argument_specs.yml"))
    sections = unchecked(role)
    # What the entries of a section have is specified by the modules themselves.
    whole = whole_specification(role, described).items()
    found = walk({name: {**one, "options": {}} if name in sections else one for name, one in whole})
    return [(path[-1].removeprefix(f"{role}_").removeprefix("dokploy_"), path, one) for path, one in found]


@pytest.mark.parametrize("module", MODULES)
def test_what_smells_of_a_secret_is_one_or_is_listed(module: str) -> None:
    every = dict(walk(OPERATIONS[module].argument_spec))
    for path in every:
        # What is in a secret object is a secret.
        flagged = any(every[path[:depth]].get("no_log") for depth in range(1, len(path) + 1))
        if SMELLS.search(path[-1]) and not flagged:
            listed = path[-1] in NO_SECRETS or (module, path) in NO_SECRETS_AT
            assert listed, f"{module}: {'.'.join(path)} is not flagged as secret; flag it, or list it with a reason"


def test_the_list_names_only_what_there_is() -> None:
    unflagged = {
        (module, path)
        for module in MODULES
        for path, described in walk(OPERATIONS[module].argument_spec)
        if not described.get("no_log")
    }
    names = {path[-1] for _module, path in unflagged} | {
        name for role in ROLES for name, _path, _one in _role_options(role)
    }
    assert set(NO_SECRETS) <= names
    assert unflagged >= NO_SECRETS_AT
    assert all(len(reason.split()) > 1 for reason in NO_SECRETS.values())


@pytest.mark.parametrize("module", MODULES)
def test_an_option_that_takes_an_address_is_known(module: str) -> None:
    for path, _described in walk(OPERATIONS[module].argument_spec):
        assert not re.search(r"ur[li]$|address|endpoint$", path[-1]) or path[-1] in ADDRESSES, (module, path)


def test_every_operation_is_tried() -> None:
    assert set(BASE) == set(MODULES)


@pytest.mark.parametrize("role", ROLES)
def test_the_roles_flag_the_same_options(role: str) -> None:
    secret = {path[-1] for module in MODULES for path in secret_paths(OPERATIONS[module])} - PLAIN_IN_ROLES
    every = {path: described for _name, path, described in _role_options(role)}
    for name, path, _described in _role_options(role):
        # What is in a secret object is a secret.
        flagged = any(every.get(path[:depth], {}).get("no_log") for depth in range(1, len(path) + 1))
        if name in secret or (name == "content" and "mounts" in path[-2]):
            assert flagged, path
        elif SMELLS.search(name) and not flagged:
            shown = name == "content" and ("patches" in path[-2] or path[-2] == "raw")
            assert name in NO_SECRETS or shown, path
