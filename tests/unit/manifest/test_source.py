# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documents in files on the controller: what is read, where it is, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ansible.template
import pytest
import yaml
from ansible.parsing import vault
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._errors import OptionError
from ansible_collections.community.dokploy.plugins.plugin_utils._document import source as document_source
from ansible_collections.community.dokploy.plugins.plugin_utils._document import yaml_reader
from ansible_collections.community.dokploy.plugins.plugin_utils._document.origins import mark_of
from ansible_collections.community.dokploy.plugins.plugin_utils._document.places import TASK, DocumentPlaces
from ansible_collections.community.dokploy.plugins.plugin_utils._document.source import DocumentSource, read_document
from tests.support.effort import example_count

PASSWORD = "sw0rdfish"
HEAD = "version: 1\n"


class Action:
    """What an action plugin has of Ansible, with a playbook in a folder."""

    def __init__(self, folder: Path, **variables: Any) -> None:
        self._loader = DataLoader()
        self._loader.set_basedir(str(folder))
        if not hasattr(ansible.template, "trust_as_template"):
            # Before ansible-core 2.19, it is a variable of the task.
            variables["omit"] = "__omit_place_holder__5f0c"
        self._templar = Templar(loader=self._loader, variables=variables)
        self._task = SimpleNamespace(get_search_path=lambda: [str(folder)])

    def _find_needle(self, dirname: str, needle: str) -> str:
        found: str = self._loader.path_dwim_relative_stack(self._task.get_search_path(), dirname, needle)
        return found

    def with_vault(self, monkeypatch: pytest.MonkeyPatch, password: str | None = PASSWORD) -> Action:
        secrets = [("default", vault.VaultSecret(password.encode()))] if password else []
        self._loader.set_vault_secrets(secrets)
        context = getattr(vault, "VaultSecretsContext", None)
        if context is not None:
            monkeypatch.setattr(context, "_current", context(secrets))
        return self


def encrypted(text: str) -> str:
    secret = vault.VaultSecret(PASSWORD.encode())
    return vault.VaultLib([("default", secret)]).encrypt(text, secret).decode()


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., DocumentSource]:
    def loaded(text: str | bytes, name: str = "shop.yml", **variables: Any) -> DocumentSource:
        write(tmp_path, {name: text})
        return read_document(Action(tmp_path, **variables), name)  # type: ignore[arg-type]

    return loaded


@pytest.fixture
def refused(load: Callable[..., DocumentSource]) -> Callable[..., str]:
    def refusal(text: str | bytes, name: str = "shop.yml", **variables: Any) -> str:
        with pytest.raises(OptionError) as caught:
            load(text, name, **variables)
        return str(caught.value)

    return refusal


def refusal_of(folder: Path, files: Mapping[str, str | bytes], src: str = "all") -> str:
    write(folder, files)
    with pytest.raises(OptionError) as caught:
        read_document(Action(folder), src)  # type: ignore[arg-type]
    return str(caught.value)


# --- what is read ---

SHOP = """\
version: 1
settings: &settings
  server_ip: 192.0.2.1
projects:
  - name: "{{ prefix }}-shop"
    description: "{{ nothing | default(omit) }}"
    environments:
      - name: production
        applications: &both
          - &web
            name: web
            replicas: 2
            env: {A: 'x: {{ prefix }}', B: !unsafe '{{ prefix }}'}
          - <<: *web
            name: api
      - {name: staging, applications: *both}
"""
SHOP_READ = {
    "version": 1,
    "settings": {"server_ip": "192.0.2.1"},
    "projects": [
        {
            "name": "rt-shop",
            "environments": [
                {
                    "name": name,
                    "applications": [
                        {"name": one, "replicas": 2, "env": {"A": "x: rt", "B": "{{ prefix }}"}}
                        for one in ("web", "api")
                    ],
                }
                for name in ("production", "staging")
            ],
        }
    ],
}


@pytest.mark.parametrize(
    "change", [lambda text: text, lambda text: "\ufeff" + text, lambda text: text.replace("\n", "\r\n")]
)
def test_a_file_is_read_with_templates_anchors_and_merges(
    load: Callable[..., DocumentSource], change: Callable[[str], str]
) -> None:
    source = load(change(SHOP), prefix="rt")
    assert source.document == SHOP_READ
    # Exactly the types of JSON, no subclasses of ansible-core.
    assert json.loads(json.dumps(source.document)) == SHOP_READ
    assert source.document["projects"][0]["name"].__class__ is str


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("version", "1:1"),
        ("settings.server_ip", "3:3"),
        ("projects", "4:1"),
        ("projects[rt-shop]", "5:5"),
        ("projects[rt-shop].name", "5:5"),
        ("projects[rt-shop].environments[production]", "8:9"),
        ("projects[rt-shop].environments[production].applications[web].replicas", "12:13"),
        ("projects[rt-shop].environments[production].applications[web].env.A", "13:19"),
        # What is merged is where the anchor is, and what has an alias too.
        ("projects[rt-shop].environments[production].applications[api]", "14:13"),
        ("projects[rt-shop].environments[production].applications[api].name", "15:13"),
        ("projects[rt-shop].environments[production].applications[api].replicas", "12:13"),
        ("projects[rt-shop].environments[staging].applications[web].replicas", "12:13"),
        # What is missing is where it would have to be.
        ("projects[rt-shop].environments[staging].applications[web].docker.image", "10:13"),
        ("projects[rt-shop].environments[2].name", "7:5"),
        ("project", None),
        ("", None),
    ],
)
def test_each_entry_has_a_place(load: Callable[..., DocumentSource], path: str, place: str | None) -> None:
    found = load(SHOP, prefix="rt").places.of(path)
    assert (None if found is None else str(found)) == (None if place is None else f"shop.yml:{place}")


@pytest.mark.parametrize(
    ("sentence", "places"),
    [
        (
            "projects[rt-shop].environments[staging].nme is unknown. Did you mean: 'settings.server_ip'?",
            " (shop.yml:16:9)",
        ),
        ("missing required arguments: projects[rt-shop].a, projects[rt-shop].b", " (shop.yml:5:5)"),
        ("settings.server_ip and projects[rt-shop].name are mutually exclusive", " (shop.yml:3:3, shop.yml:5:5)"),
        ("settings is text; it takes a mapping", " (shop.yml:2:1)"),
        (
            "missing: projects[rt-shop].environments[staging].x, version.x, settings.x, projects[rt-shop].x, version.y",
            " (shop.yml:16:9, shop.yml:1:1, shop.yml:2:1, and 1 more)",
        ),
        # Words of the sentence that are names of sections.
        ("the listing of projects failed", ""),
        ("the settings of settings.server_ip", " (shop.yml:3:3)"),
        ("", ""),
    ],
)
def test_a_sentence_gets_the_places_of_its_paths(
    load: Callable[..., DocumentSource], sentence: str, places: str
) -> None:
    assert load(SHOP, prefix="rt").places.locate(sentence) == places


def test_what_a_template_makes_is_where_the_template_is(load: Callable[..., DocumentSource]) -> None:
    text = HEAD + 'projects: "{{ made }}"\ntags: ["{{ nothing | default(omit) }}", {name: a}, {name: b}]\n'
    source = load(text, made=[{"name": "shop", "env": {}}])
    assert source.document == {
        "version": 1,
        "projects": [{"name": "shop", "env": {}}],
        "tags": [{"name": "a"}, {"name": "b"}],
    }
    assert source.places.locate("projects[shop].env.X is wrong") == " (shop.yml:2:1)"
    assert source.places.locate("tags[b].name is wrong") == " (shop.yml:3:1)", (
        "the positions are others than in the file"
    )


def test_json_is_read_as_json(load: Callable[..., DocumentSource]) -> None:
    text = '{"version": 1,\n\t"tags": [{"name": "\\ud83d\\ude00 {{ prefix }}", "x": 1e5}]}'
    source = load(text, "shop.json", prefix="rt")
    assert source.document == {"version": 1, "tags": [{"name": "😀 rt", "x": 1e5}]}
    assert source.places.locate("tags[0].x is wrong") == " (shop.json)", "YAML has no such escape"
    again = load(text.replace("\\ud83d\\ude00 ", "").replace("\t", " "), "shop.json", prefix="rt")
    assert again.document["tags"] == [{"name": "rt", "x": 1e5}]
    assert again.places.locate("tags[rt].x is wrong") == " (shop.json:2:36)"


def test_vault_is_decrypted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inline = encrypted("{{ prefix }}").rstrip().replace("\n", "\n      ")
    write(
        tmp_path,
        {
            "all/a.yml": encrypted(HEAD + "tags: [{name: '{{ prefix }}'}]"),
            "all/b.yml": f"settings:\n  a: !vault |\n      {inline}\n",
        },
    )
    source = read_document(Action(tmp_path, prefix="rt").with_vault(monkeypatch), "all")  # type: ignore[arg-type]
    # What is encrypted inside of a file is no template.
    assert source.document == {"version": 1, "tags": [{"name": "rt"}], "settings": {"a": "{{ prefix }}"}}
    assert source.places.locate("settings.a is wrong") == " (all/b.yml:2:3)"


def test_a_folder_is_one_document(tmp_path: Path) -> None:
    files = {
        "files/all/10.yml": HEAD + "projects:\n  - name: a\nsettings: {x: {one: 1}}\nservers:\n",
        "files/all/sub/20.yaml": HEAD + "projects: [{name: b}, {name: c}]\nservers: [{name: s}]\n",
        "files/all/9.json": '{"version": 1, "settings": {"x": {"two": 2}, "y": 3}}',
        **dict.fromkeys(
            ("files/all/.hidden.yml", "files/all/.git/x.yml", "files/all/x.yml~", "files/all/README.md"), "- no"
        ),
    }
    write(tmp_path, files)
    (tmp_path / "files/all/sub/up").symlink_to(tmp_path / "files/all")
    source = read_document(Action(tmp_path), "all")  # type: ignore[arg-type]
    assert source.document == {
        "version": 1,
        "projects": [{"name": "a"}, {"name": "b"}, {"name": "c"}],
        "settings": {"x": {"one": 1, "two": 2}, "y": 3},
        "servers": [{"name": "s"}],
    }
    places = {
        "projects[a].x": "all/10.yml:3:5",
        "projects[c].x": "all/sub/20.yaml:2:23",
        "settings.x.one": "all/10.yml:4:16",
        "settings.x.two": "all/9.json:1:35",
        "servers[s].x": "all/sub/20.yaml:3:11",
    }
    assert {path: str(source.places.of(path)) for path in places} == places


def test_two_entries_of_one_name_are_both_found(tmp_path: Path) -> None:
    write(tmp_path, {"all/a.yml": "projects: [{name: shop}]", "all/b.yml": "projects:\n- name: shop\n"})
    source = read_document(Action(tmp_path), "all")  # type: ignore[arg-type]
    said = source.places.locate("projects[0].name and projects[1].name are the same")
    assert said == " (all/a.yml:1:13, all/b.yml:2:3)"


@pytest.mark.parametrize("src", ["shop.yml", "files/shop.yml", "./shop.yml", "{folder}/files/shop.yml"])
def test_a_file_is_found_and_called_without_the_folders_of_the_controller(tmp_path: Path, src: str) -> None:
    assert "/" not in refusal_of(tmp_path, {"files/shop.yml": ""}, src.format(folder=tmp_path)).replace(
        "files/shop.yml", ""
    )


def test_a_file_elsewhere_is_called_as_the_user_does(tmp_path: Path) -> None:
    write(tmp_path, {"shop.yml": ""})
    other = tmp_path / "other"
    other.mkdir()
    assert refusal_of(other, {}, str(tmp_path / "shop.yml")) == f"{tmp_path}/shop.yml is empty."
    assert refusal_of(other, {}, "../shop.yml") == "../shop.yml is empty."


# Without braces, which begin templates.
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C"], exclude_characters="{}"), min_size=1)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**40), 2**40), TEXTS),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(TEXTS | st.sampled_from(["<<", "=", "a.b"]), inner)),
    max_leaves=20,
)


@settings(max_examples=40)
@given(st.dictionaries(st.from_regex("[a-z_]{3,9}", fullmatch=True), VALUES, min_size=1), st.booleans())
def test_what_is_dumped_is_read_as_the_same(
    tmp_path_factory: pytest.TempPathFactory, document: dict[str, Any], flow: bool
) -> None:
    """Any document, with a place for each path."""
    folder = tmp_path_factory.mktemp("dumped")
    text = yaml.safe_dump(document, allow_unicode=True, default_flow_style=flow)
    write(folder, {"a.yml": text})
    source = read_document(Action(folder), "a.yml")  # type: ignore[arg-type]
    assert source.document == document

    def check(value: Any, path: str) -> None:
        mark = source.places.of(path)
        assert mark is not None
        assert 1 <= mark.line <= text.count("\n")
        for key, one in value.items() if isinstance(value, dict) else ():
            check(one, f"{path}.{key}")

    for key, value in document.items():
        check(value, key)


# Pieces of YAML, with which a text becomes a document now and then.
WORDS = "a:_ b:_ -_ _ { } [ ] ,_ &x_ *x <<:_ ?_ :_ ' \" \\ # !unsafe_ !vault_ !!set_ !!binary_ !!int_ !!timestamp_ !x_"
SCALARS = '1 0x 1e400 12:30 2026-02-30 ~ yes .inf = {{x}} {%if%} {{ \ufeff \u2028 \xff {"a":'
LINES = ["\n", "\n  ", "\t", "\0", "|\n", ">-\n", "---\n", "...\n", "%YAML 1.1\n", "$ANSIBLE_VAULT;1.1;AES256\n"]
PIECES = st.sampled_from([*(word.replace("_", " ") for word in WORDS.split()), *SCALARS.split(), *LINES])


@settings(max_examples=example_count(50, 100))
@given(st.lists(PIECES, max_size=25).map("".join), st.sampled_from(["utf-8", "latin-1"]))
def test_any_text_is_a_document_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str, encoding: str) -> None:
    folder = tmp_path_factory.mktemp("any")
    write(folder, {"a.yml": text.encode(encoding, errors="replace")})
    try:
        source = read_document(Action(folder, x="y"), "a.yml")  # type: ignore[arg-type]
    except OptionError as error:
        assert str(error)
        assert str(folder) not in str(error)
    else:
        json.dumps(source.document)
        assert all(source.places.of(key) for key in source.document if key)


def test_the_sections_of_the_task_are_a_part_too(tmp_path: Path) -> None:
    write(tmp_path, {"all/a.yml": "tags: [{name: a}]\nsettings: {x: 1}\n"})
    action: Any = Action(tmp_path)
    given = {"tags": [{"name": "b"}], "servers": [{"name": "s"}]}
    more = DocumentSource(given, DocumentPlaces(given, mark_of(given, action._loader, TASK).inner))
    source = read_document(action, "all", more)
    assert source.document == {"tags": [{"name": "a"}, {"name": "b"}], "settings": {"x": 1}, "servers": [{"name": "s"}]}
    # Python's values have no place.
    assert source.places.located("tags[a].x and tags[b].x") == "tags[a].x and tags[b].x (all/a.yml:1:8)"
    assert source.places.located("servers[s].x is unknown. There is none.") == "servers[s].x is unknown. There is none."
    settings = DocumentSource({"settings": {"x": 2}}, DocumentPlaces({}, {"settings": TASK}))
    with pytest.raises(OptionError, match="settings.x has one value in all/a.yml:2:12 and another one in the task"):
        read_document(action, "all", settings)


def test_what_ansible_has_read_has_a_place(tmp_path: Path) -> None:
    """Options in a playbook, and variables in another file."""
    write(tmp_path, {"play.yml": "tags:\n- name: a\n  x: 1\nsettings: {}\n", "vars.yml": "a: 1\nmine:\n  y: 2\n"})
    action: Any = Action(tmp_path)
    values = action._loader.load_from_file(str(tmp_path / "play.yml"))
    values["settings"] = action._loader.load_from_file(str(tmp_path / "vars.yml"))["mine"]
    places = DocumentPlaces(values, mark_of(values, action._loader, TASK).inner)
    found = {path: str(places.of(path)) for path in ("tags[a].x", "tags[a].nothing", "settings.y")}
    assert found == {"tags[a].x": "play.yml:3:3", "tags[a].nothing": "play.yml:2:3", "settings.y": "vars.yml:3:3"}


# --- what is refused ---


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "shop.yml is empty"),
        ("# nothing\n---\n", "shop.yml is empty"),
        ("- name: shop\n", "shop.yml is a list; it takes a mapping of sections, such as projects"),
        ("shop", "shop.yml is text; it takes a mapping of sections, such as projects"),
        ("true", "shop.yml is true or false; it takes a mapping"),
        ("a: 1\n---\nb: 2\n", "shop.yml:2:1 is not YAML: expected a single document in the stream but found another"),
        ("a:\n\tb: 1\n", "shop.yml:2:1 is not YAML: while scanning for the next token found character that cannot"),
        ("a:\n   b: 1\n  c: 2\n", "shop.yml:3:3 is not YAML: while parsing a block mapping did not find expected key"),
        ("a: {{ b }}-c\n", "shop.yml:1:11 is not YAML: while parsing a block mapping did not find expected key"),
        ("a: {{ b }}\n", "shop.yml:1:5: a key is a mapping or a list; put a value that begins with {{ in quotes"),
        ("a: *b\n", "shop.yml:1:4 is not YAML: found undefined alias"),
        ("a: !b c\n", "shop.yml:1:4 is not YAML: could not determine a constructor for the tag '!b'"),
        ("a: 2026-13-13\n", "shop.yml:1:4: YAML takes the value for a date, a number or the like, and it is"),
        ("a:\n  b: [1, !!int x]\n", "shop.yml:2:10: YAML takes the value for a date, a number or the like, and it is"),
        ("a: {x: !!set {b}}\n", "shop.yml:1:8: a document cannot have the tag !!set"),
        ("a: &a\n  b: *a\n", "shop.yml:1:4: the value contains itself"),
        ("a: &a [1, *a]\n", "shop.yml:1:4: the value contains itself"),
        ("a:\n  <<: 1\n", "shop.yml:2:3: << takes a mapping or a list of mappings"),
        ("a: {name: x,\n  b: 1, name: y}\n", "shop.yml:2:9: the key 'name' is there a second time, after line 1"),
        ('{"a": 1,\n"a": 2}', "shop.yml:2:1: the key 'a' is there a second time, after line 1"),
        ("a:\n  yes: 1\n", "shop.yml:2:3: the key 'yes' is true or false to YAML; put it in quotes"),
        ("a: {80: 1}\n", "shop.yml:1:5: the key '80' is a number to YAML; put it in quotes"),
        ("a: {0.5: 1}\n", "shop.yml:1:5: the key '0.5' is a number to YAML; put it in quotes"),
        ("a: {2026-11-29: 1}\n", "shop.yml:1:5: the key '2026-11-29' is a date to YAML; put it in quotes"),
        ("a: {~: 1}\n", "shop.yml:1:5: the key '~' is null to YAML; put it in quotes"),
        ("a: {!vault b: 1}\n", "shop.yml:1:5: the key 'b' has the tag !vault; it must be text"),
        (b"a: 1\nb: \xff\n", "shop.yml:2 is not UTF-8 text"),
        ("a: 1\n".encode("utf-16"), "shop.yml:1 is not UTF-8 text"),
        ("a: '\x07'\n", "shop.yml is not YAML: control characters are not allowed"),
        ("a:\n  b: '{{ nothing }}'\n", "shop.yml:2:3: 'nothing' is undefined."),
        ("a:\n  - x: '{{ 1 +* 2 }}'\n", "shop.yml:2:5: "),
    ],
)  # fmt: skip
def test_what_is_refused(refused: Callable[..., str], text: str | bytes, said: str) -> None:
    assert refused(text).startswith(said)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a:\n\tb: 1\n", " any token. Indent with blanks instead of tabs."),
        ("a: {{ b }}-c\n", " expected key. Put a value that begins with {{ in quotes."),
        ("a:\n- {{ b }}-c\n", ". Put a value that begins with {{ in quotes."),
    ],
)
def test_what_to_write_instead(refused: Callable[..., str], text: str, hint: str) -> None:
    assert refused(text).endswith(hint)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    files = {
        "all/a.yml": "a: {{ b }}\nb: {1: 2}\n",
        "all/b.yml": "- x\n",
        "all/c.yml": "x: '{{ one }}'\ny:\n  z: ['{{ two }}']\n",
    }
    said = refusal_of(tmp_path, files)
    for place in (
        "all/a.yml:1:5: ",
        "all/a.yml:2:5: ",
        "all/b.yml is a list",
        "all/c.yml:1:1: 'one' is",
        "all/c.yml:3:7: 'two' is",
    ):
        assert place in said


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("version: 1", "version: 2", "version has one value in all/a.yml:1:1 and another one in all/b.yml:1:1"),
        ("tags: []", "tags: {}", "tags has a list in all/a.yml:1:1 and a mapping in all/b.yml:1:1"),
        ("tags: {}", "tags: x", "tags has a mapping in all/a.yml:1:1 and text in all/b.yml:1:1"),
        ("s: {x: 1}", "s: {x: 1}", "s.x has one value in all/a.yml:1:5 and another one in all/b.yml:1:5"),
        ("s: {x: {y: [1]}}", "s: {x: {y: [2]}}", "s.x.y has one value in all/a.yml:1:9 and another one in all/b.yml"),
    ],
)  # fmt: skip
def test_files_that_contradict_each_other(tmp_path: Path, first: str, second: str, said: str) -> None:
    assert refusal_of(tmp_path, {"all/a.yml": first, "all/b.yml": second}).startswith(said)


def test_files_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "secret.yml").touch(mode=0)
    assert refusal_of(tmp_path, {}, "shop.yml").startswith("src: 'shop.yml' is neither below the playbook or the role")
    assert refusal_of(tmp_path, {}, "empty") == "src: the folder empty has no file that ends in .yml, .yaml or .json"
    assert refusal_of(tmp_path, {}, "/dev/zero") == "/dev/zero is neither a file nor a folder."


def test_a_file_in_the_working_directory_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        tmp_path, {"here/a.yml": "version: 1\ntags: []\n", "here/b.yml": "version: 1\n", "play/b.yml": "networks: []\n"}
    )
    monkeypatch.chdir(tmp_path / "here")
    action: Any = Action(tmp_path / "play")
    assert read_document(action, "a.yml").document == {"version": 1, "tags": []}
    assert read_document(action, "b.yml").document == {"networks": []}


def test_without_a_password_vault_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inline = encrypted("s3cret").rstrip().replace("\n", "\n      ")
    write(tmp_path, {"whole.yml": encrypted(HEAD), "inline.yml": f"settings:\n  a: !vault |\n      {inline}\n"})
    for password in (None, "wrong"):
        for name, place in (("whole.yml", "whole.yml"), ("inline.yml", "inline.yml:2:")):
            with pytest.raises(OptionError) as caught:
                read_document(Action(tmp_path).with_vault(monkeypatch, password), name)  # type: ignore[arg-type]
            said = str(caught.value)
            assert said.startswith(place) and ("no vault secrets" in said or "vault password" in said), said
            assert str(tmp_path) not in said and "s3cret" not in said


def test_no_secret_is_repeated(refused: Callable[..., str]) -> None:
    secret = "hunter2-hunter2"
    texts = (
        f"a: '{secret}'\nb: '{{{{ nothing }}}}{secret}'\n",
        f"a: '{secret}\n",
        f'a: "{secret}\\q"\n',
        f"a: {{b: {secret}: c}}\n",
        f"a: {secret}: c\n",
        f"a: {{b: [{secret}}}\n",
    )
    for text in texts:
        assert secret not in refused(text)


# --- limits ---


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 100_000,
        "a: " + "{b: " * 100_000,
        '{"a": ' * 100_000,
        "".join(" " * depth + "a:\n" for depth in range(3_000)),
        "- " * 100_000,
        "? " * 100_000,
        "a: ['" + "]" * 100_000 + "', " + "[" * 100_000,
    ],
    ids=["lists", "mappings", "json", "block", "sequences", "keys", "brackets in text"],
)
def test_deep_values_are_refused(refused: Callable[..., str], text: str) -> None:
    assert refused(text).endswith(": there are values more than 50 levels deep in each other.")


def test_values_within_the_limit_are_read(load: Callable[..., DocumentSource]) -> None:
    depth = yaml_reader.MOST_DEPTH - 1
    assert load("a: " + "[" * depth + "]" * depth).document
    # Brackets in text do not count.
    assert load(f"a: '{'[' * 500}'\nb: |\n  {'[' * 500}\n").document["a"] == "[" * 500


def test_aliases_that_grow_without_end_are_refused(refused: Callable[..., str]) -> None:
    lists = [f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 9)}]" for number in range(1, 12)]
    merges = [f"b{number}: &b{number} {{x: *b{number - 1}, y: *b{number - 1}}}" for number in range(1, 40)]
    for lines in (
        ["a0: &a0 lol", *lists],
        ["b0: &b0 lol", *merges],
        [f"a0: &a0 {'x' * 100_000}", f"b: [{'*a0, ' * 9_000}]"],
    ):
        assert refused("\n".join(lines)).startswith(
            "shop.yml: there are more than 500000 values, those of an alias counted"
        )


def test_the_limit_of_values_holds_for_all_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_reader, "MOST_VALUES", 10)
    files = {"all/a.yml": "a: [1, 2, 3, 4]", "all/b.yml": "a: [1, 2, 3, 4]"}
    assert refusal_of(tmp_path, files).startswith("all/b.yml: there are more than 10 values")


def test_large_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_source, "MOST_BYTES", 1024 * 1024)
    said = "all/b.yml: the files of a document have at most 1 MB."
    half = "a: '" + "x" * 600_000 + "'\n"
    assert refusal_of(tmp_path, {"all/a.yml": half.replace("a", "b", 1), "all/b.yml": half}) == said
    with (tmp_path / "all/b.yml").open("wb") as file:
        file.truncate(2**40)
    assert refusal_of(tmp_path, {}) == said
