# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Strategies: valid parameters of each resource. Secrets contain a mark, so that a leak is noticed."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

SECRET_MARK = "zzsecret"

WORDS = st.text("ab-é ", max_size=4)
_NAME = st.sampled_from(["A", "B", "C"])
SECRETS = st.sampled_from(["1", "two words", "x#y", "it's", "a\nb", " ❌ ", "=", "$HOME"]).map(
    lambda text: SECRET_MARK + text + SECRET_MARK
)
_PLAIN_ENV = st.dictionaries(_NAME, SECRETS, max_size=3)
ENV = st.one_of(
    _PLAIN_ENV,
    st.lists(st.tuples(_NAME, SECRETS), max_size=3).map(
        lambda pairs: "# %s\n" % SECRET_MARK + "".join('%s="%s"\n' % pair for pair in pairs)
    ),
)
MERGE_ENV = st.dictionaries(_NAME, st.one_of(st.none(), SECRETS), max_size=3)
BRANCHES = st.sampled_from(["main", "feature/x"])
PATHS = st.lists(st.sampled_from(["src/**", "docs", "b c"]), max_size=3)


def _some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Any selection of these options."""
    return st.fixed_dictionaries({}, optional=fields)


def _source(needed: dict[str, st.SearchStrategy[Any]], **more: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(needed, optional={**more, "watch_paths": PATHS, "submodules": st.booleans()})


_REPOSITORY: dict[str, st.SearchStrategy[Any]] = {
    "owner": st.just("acme"),
    "repository": st.sampled_from(["shop", "web"]),
    "branch": BRANCHES,
}
GIT = _source(
    {"url": st.sampled_from(["https://git.example.com/a.git", "git@b:c.git"]), "branch": BRANCHES}, build_path=WORDS
)
DOCKER = st.fixed_dictionaries(
    {"image": st.sampled_from(["nginx", "nginx:1"])},
    optional={"registry_url": WORDS, "username": WORDS, "password": st.one_of(st.just(""), SECRETS)},
)
DROP = _some(build_path=WORDS)


def _provider(name: str, **more: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return _source({"provider": st.just("id-of-" + name), **_REPOSITORY}, build_path=WORDS, **more)


PROVIDERS = [
    _provider("github", trigger=st.sampled_from(["push", "tag"])).map(lambda value: {"github": value}),
    _provider("gitlab", project_id=st.integers(0, 3), path_namespace=WORDS).map(lambda value: {"gitlab": value}),
    _provider("bitbucket", repository_slug=WORDS).map(lambda value: {"bitbucket": value}),
    _provider("gitea").map(lambda value: {"gitea": value}),
]
OWN_SOURCES = [
    st.just({}),
    GIT.map(lambda value: {"git": value}),
    DOCKER.map(lambda value: {"docker": value}),
    DROP.map(lambda value: {"drop": value}),
]

DOMAIN = st.fixed_dictionaries(
    {"host": st.sampled_from(["a.example.com", "b.example.com"])},
    optional={
        "path": st.sampled_from(["/", "/x"]),
        "port": st.integers(1, 3),
        "https": st.booleans(),
        "certificate": st.sampled_from(["none", "letsencrypt"]),
        "internal_path": st.sampled_from(["/", "/in"]),
        "strip_path": st.booleans(),
        "entrypoint": st.sampled_from(["", "web"]),
        "middlewares": st.lists(st.sampled_from(["auth@file", "gzip"]), max_size=2, unique=True),
        "enabled": st.booleans(),
    },
)
MOUNT = st.sampled_from(["/a", "/b"]).flatmap(
    lambda path: st.one_of(
        st.fixed_dictionaries({"path": st.just(path), "type": st.just("volume"), "name": st.sampled_from("vw")}),
        st.fixed_dictionaries(
            {"path": st.just(path), "type": st.just("bind"), "host_path": st.sampled_from(["/h", "/i"])}
        ),
        st.fixed_dictionaries(
            {
                "path": st.just(path),
                "type": st.just("file"),
                "file_path": st.sampled_from(["f", "g"]),
                "content": SECRETS,
            }
        ),
    )
)
DOMAINS = st.lists(DOMAIN, max_size=3, unique_by=lambda item: (item["host"], item.get("path", "/")))
MOUNTS = st.lists(MOUNT, max_size=2, unique_by=lambda item: item["path"])
BUILD = _some(
    type=st.sampled_from(["nixpacks", "dockerfile", "static", "railpack"]),
    dockerfile=WORDS,
    context=WORDS,
    target=WORDS,
    heroku_version=WORDS,
    railpack_version=WORDS,
    publish_directory=WORDS,
    static_spa=st.booleans(),
)


def _with_env(option: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        st.just({}),
        ENV.map(lambda value: {option: value}),
        MERGE_ENV.map(lambda value: {option: value, option + "_mode": "merge"}),
    )


def _merged(parts: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    return {name: value for part in parts for name, value in part.items()}


def _application(sources: list[st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(
        _some(
            description=WORDS,
            build=BUILD,
            create_env_file=st.booleans(),
            auto_deploy=st.booleans(),
            clean_cache=st.booleans(),
            replicas=st.integers(0, 3),
            command=WORDS,
            args=st.lists(WORDS, max_size=2),
            domains=DOMAINS,
            mounts=MOUNTS,
        ),
        _with_env("env"),
        _with_env("build_args"),
        _with_env("build_secrets"),
        st.one_of(sources),
    ).map(_merged)


# Without the providers, which a simulator would have to know.
APPLICATIONS = _application(OWN_SOURCES)
ANY_APPLICATIONS = _application(OWN_SOURCES + PROVIDERS)
PROJECTS = st.tuples(_some(description=WORDS), _with_env("env")).map(_merged)
ENVIRONMENTS = PROJECTS
