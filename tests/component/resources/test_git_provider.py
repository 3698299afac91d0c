# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Git providers: their life, both IDs, GitHub's, sharing, connection tests, and what uses them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.git_provider import (
    INFO_OPERATION,
    OPERATION,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import (
    OPERATION as APPLICATION,
)
from tests.support.host import Host

SECRET = "canary-secret-of-the-provider"
NEW: dict[str, dict[str, Any]] = {
    "bitbucket": {"username": "acme-bot", "email": "bot@example.com", "api_token": SECRET, "workspace": "acme"},
    "gitea": {"url": "https://git.example.com", "client_id": "c", "client_secret": SECRET},
    "gitlab": {"url": "https://gitlab.example.com", "application_id": "a", "secret": SECRET, "group_name": "acme"},
}
each = pytest.mark.parametrize("kind", sorted(NEW))


def rows(host: Host) -> list[dict[str, Any]]:
    return list(host.read("gitProvider.getAll"))


def make(host: Host, kind: str, **more: Any) -> dict[str, Any]:
    host.new_task()
    return host.ok(OPERATION, name="acme", **{kind: NEW[kind]}, **more)


def stored(host: Host, kind: str) -> dict[str, Any]:
    (row,) = rows(host)
    return dict(host.read(f"{kind}.one", **{f"{kind}Id": row[kind][f"{kind}Id"]}))


@each
def test_its_life(host: Host, kind: str) -> None:
    predicted = host.ok(OPERATION, check=True, name="acme", shared=True, **{kind: NEW[kind]})
    assert rows(host) == []
    host.sim.reset_stats()
    made = make(host, kind, shared=True)
    assert host.sim.calls("mutation") == [f"{kind}.create", "gitProvider.toggleShare"]
    assert made["changed"] and made["diff"] == predicted["diff"] and SECRET not in str(made)
    (row,) = rows(host)
    shown = made["git_provider"]
    assert (shown["git_provider_id"], shown["type"], shown["shared"]) == (row[kind][f"{kind}Id"], kind, True)
    assert shown[kind].items() <= NEW[kind].items() | {(name, shown[kind][name]) for name in shown[kind]}
    assert not make(host, kind, shared=True)["changed"]
    gone = host.ok(OPERATION, name="acme", state="absent")
    assert gone["changed"] and gone["git_provider"] == {"git_provider_id": shown["git_provider_id"], "name": "acme"}
    assert rows(host) == []
    assert not host.ok(OPERATION, name="acme", state="absent")["changed"]


@each
def test_a_rename_keeps_the_rest_and_touches_no_other(host: Host, kind: str) -> None:
    """An update whose two IDs are of two providers would change both."""
    host.sim.act(git_provider="gitea", name="other")
    made = make(host, kind)["git_provider"]["git_provider_id"]
    before = host.read(f"{kind}.one", **{f"{kind}Id": made})
    host.new_task()
    assert host.ok(OPERATION, git_provider_id=made, name="renamed")["diff"]["after"] == {"name": "renamed"}
    after = host.read(f"{kind}.one", **{f"{kind}Id": made})
    assert after == {**before, "gitProvider": {**before["gitProvider"], "name": "renamed"}}
    assert sorted(row["name"] for row in rows(host)) == ["other", "renamed"]


def test_a_change_of_one_option_sends_what_the_update_needs(host: Host) -> None:
    make(host, "gitlab")
    host.new_task()
    result = host.ok(OPERATION, name="acme", gitlab={"group_name": "", "internal_url": "http://gitlab:8080"})
    assert result["diff"]["after"] == {"gitlab": {"group_name": "", "internal_url": "http://gitlab:8080"}}
    assert stored(host, "gitlab")["secret"] == SECRET
    host.new_task()
    assert host.ok(OPERATION, name="acme", gitlab={"internal_url": ""})["changed"]
    assert stored(host, "gitlab")["gitlabInternalUrl"] is None


def test_a_default_of_the_server_can_be_cleared_at_once(host: Host) -> None:
    cleared = {**NEW["gitea"], "scopes": ""}
    predicted = host.ok(OPERATION, check=True, name="acme", gitea=cleared)
    made = host.ok(OPERATION, name="acme", gitea=cleared)
    assert made["diff"] == predicted["diff"] and made["git_provider"]["gitea"]["scopes"] == ""
    host.new_task()
    assert not host.ok(OPERATION, name="acme", gitea=cleared)["changed"]


def test_bitbucket_without_a_username_is_renamed(host: Host) -> None:
    """The server refuses an update of the name alone, and null."""
    host.call("bitbucket.create", authId="x", name="acme", apiToken=SECRET)
    provider = rows(host)[0]["bitbucket"]["bitbucketId"]
    assert host.ok(OPERATION, git_provider_id=provider, name="renamed")["changed"]
    assert rows(host)[0]["name"] == "renamed" and stored(host, "bitbucket")["apiToken"] == SECRET


def test_sharing_is_a_procedure_of_its_own(host: Host) -> None:
    make(host, "gitea")
    for shared in (True, False):
        host.new_task()
        host.sim.reset_stats()
        assert host.ok(OPERATION, name="acme", shared=shared)["diff"]["after"] == {"shared": shared}
        assert host.sim.calls("mutation") == ["gitProvider.toggleShare"]
        assert rows(host)[0]["sharedWithOrganization"] is shared


def test_the_tokens_of_gitea_follow_update_secrets(host: Host) -> None:
    """Dokploy replaces them when they have expired, so that a comparison would never end."""
    tokens = {"access_token": "access " + SECRET, "refresh_token": "refresh " + SECRET, "expires_at": 1}
    host.ok(OPERATION, name="acme", gitea={**NEW["gitea"], **tokens})
    assert stored(host, "gitea")["accessToken"] == tokens["access_token"]
    other = {"access_token": "another " + SECRET, "expires_at": 2}
    host.new_task()
    assert not host.ok(OPERATION, name="acme", gitea=other)["changed"]
    host.new_task()
    assert host.ok(OPERATION, name="acme", gitea=other, update_secrets="always")["changed"]
    assert stored(host, "gitea")["accessToken"] == "another " + SECRET
    assert stored(host, "gitea")["refreshToken"] == tokens["refresh_token"]


# --- GitHub ----------------------------------------------------------------------------------------------------------


def test_one_of_github_cannot_be_created(host: Host) -> None:
    for check in (True, False):
        result = host.failed(OPERATION, check=check, name="app", github={})
        assert result["msg"].startswith("github: the API of Dokploy cannot create a provider of GitHub")
        assert result["error"]["kind"] == "refused"
    assert host.sim.calls("mutation") == [] and rows(host) == []


def test_one_of_github_is_found_renamed_shared_and_removed(host: Host) -> None:
    made = host.sim.act(git_provider="github", name="app")
    assert not host.ok(OPERATION, name="app", github={})["changed"]
    shown = host.ok(OPERATION, name="app")["git_provider"]
    assert (shown["git_provider_id"], shown["authorized"]) == (made["githubId"], True)
    host.new_task()
    assert host.ok(OPERATION, git_provider_id=made["githubId"], name="acme", shared=True)["changed"]
    (row,) = rows(host)
    assert (row["name"], row["sharedWithOrganization"]) == ("acme", True)
    assert row["github"]["githubAppName"] == "dokploy-app"
    host.new_task()
    assert host.ok(OPERATION, name="acme", state="absent")["changed"]
    assert rows(host) == []


# --- tests of the connection -----------------------------------------------------------------------------------------


@each
def test_the_stored_connection_is_tested(host: Host, kind: str) -> None:
    host.sim.act(git_provider=kind, name="acme")
    # Only the request of a test says whose repositories Bitbucket lists.
    before = rows(host)
    result = host.ok(OPERATION, name="acme", state="tested")
    assert (result["changed"], result["repositories"]) == (False, 1)
    assert rows(host) == before
    host.sim.reset_stats()
    assert host.ok(OPERATION, check=True, name="acme", state="tested")["repositories"] is None
    assert host.sim.calls("mutation") == []


@pytest.mark.parametrize(
    ("kind", "values", "reason", "hint"),
    [
        ("gitlab", {}, "Failed to refresh token: Bad Request", "authorize the provider there"),
        ("gitea", {}, "No access token available", "Or set access_token"),
        ("gitea", {"access_token": "wrong"}, "401 Unauthorized", "Or set access_token"),
        ("bitbucket", {"api_token": "wrong"}, "Failed to fetch repositories: Unauthorized", "Check username"),
    ],
)
def test_a_connection_that_fails(host: Host, kind: str, values: dict[str, Any], reason: str, hint: str) -> None:
    host.ok(OPERATION, name="acme", **{kind: {**NEW[kind], **values}})
    host.new_task()
    result = host.failed(OPERATION, name="acme", state="tested")
    assert result["msg"].startswith("state=tested: git provider 'acme' cannot be used")
    assert reason in result["msg"] and hint in result["msg"] and not result["changed"]


def test_a_provider_is_authorized_in_the_browser(host: Host) -> None:
    made = make(host, "gitlab")["git_provider"]
    assert made["authorized"] is False
    host.sim.act(authorise=made["git_provider_id"])
    host.new_task()
    (shown,) = host.ok(INFO_OPERATION, type="gitlab")["git_providers"]
    assert shown["authorized"] is True and host.ok(OPERATION, name="acme", state="tested")["repositories"] == 1


def test_a_test_takes_no_options_and_needs_the_provider(host: Host) -> None:
    assert host.failed(OPERATION, name="acme", state="tested")["msg"].startswith("there is no git provider 'acme'")
    make(host, "gitea")
    host.new_task()
    result = host.failed(OPERATION, name="acme", gitea={"client_id": "x"}, state="tested")
    assert result["msg"].startswith("state=tested changes nothing; set gitea with state=present")


# --- use, secrets, bad input -----------------------------------------------------------------------------------------


def test_one_in_use_is_removed_with_force(host: Host) -> None:
    provider = make(host, "gitlab")["git_provider"]["git_provider_id"]
    host.call("project.create", name="shop")
    source = {"provider": provider, "owner": "me", "repository": "web", "branch": "main"}
    host.new_task()
    host.ok(APPLICATION, project="shop", name="web", gitlab=source)
    host.new_task()
    result = host.failed(OPERATION, name="acme", state="absent")
    assert "git provider 'acme' is used by application 'web'; Dokploy leaves them without" in result["msg"]
    assert len(rows(host)) == 1
    assert host.ok(OPERATION, name="acme", state="absent", force=True)["changed"] and rows(host) == []


@each
def test_secrets_are_shown_on_request_only(host: Host, kind: str) -> None:
    make(host, kind)
    host.new_task()
    assert SECRET not in str(host.ok(INFO_OPERATION))
    assert SECRET in str(host.ok(INFO_OPERATION, include_secrets=True)["git_providers"])


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "one of bitbucket, gitea, github, gitlab is needed to create the git provider 'new'"),
        ({"gitea": {"url": "git.example.com"}}, "gitea.url: 'git.example.com' is not a URL"),
        ({"bitbucket": {"email": "nobody"}}, "bitbucket.email: 'nobody' is not an email address"),
        ({"bitbucket": {"email": ""}}, "bitbucket.email must not be empty"),
        ({"gitlab": NEW["gitlab"], "git_provider_id": "nope"}, "git_provider_id: there is no git provider 'nope'"),
    ],
)
def test_bad_input_writes_nothing(host: Host, params: dict[str, Any], message: str) -> None:
    assert host.failed(OPERATION, **{"name": "new", **params})["msg"].startswith(message)
    assert rows(host) == [] and host.sim.calls("mutation") == []


def test_another_kind_of_the_same_name_is_refused(host: Host) -> None:
    make(host, "gitea")
    host.new_task()
    result = host.failed(OPERATION, name="acme", gitlab=NEW["gitlab"])
    assert result["msg"].startswith("gitlab: git provider 'acme' is of the kind gitea, which cannot change")
