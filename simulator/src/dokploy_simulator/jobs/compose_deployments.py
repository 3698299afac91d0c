# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the deployment of a compose ends, and the code folder that it leaves behind for the next start."""

from __future__ import annotations

import posixpath
import re
import textwrap

from ..store.store import Row
from ..world.build_outcomes import CONTRACT_COMPOSE_REPOSITORY, FAILED, Plan, said
from ..world.compose import compose_conversion, compose_file, compose_yaml
from ..world.compose.compose_conversion import ConversionError
from ..world.compose.compose_file import ComposeError
from ..world.compose.compose_yaml import YamlError
from ..world.docker import compose_stack
from ..world.docker.service_spec import DockerError, dotenv, environment
from ..world.world import World

RAW_FILE = "docker-compose.yml"
KILLED = f"canceled\n{FAILED}"
UNSAFE = re.compile(r"[;|`$(){}<>\n\\]")
PLAIN_VALUE = re.compile(r"""(["\\$`])""")
REPOSITORY_FILE = "services:\n  web:\n    image: nginx:1\n"
CONTRACT_FILE = "services:\n  web:\n    image: 127.0.0.1:5000/busybox:1\n    command: [sleep, '1000']\n"


class CommandError(Exception):
    """A command of the compose's own that Dokploy refuses."""


def folder(row: Row) -> str:
    return f"/etc/dokploy/compose/{row['appName']}/code"


def file_path(row: Row) -> str:
    """Where the file lies in the code folder."""
    return RAW_FILE if row["sourceType"] == "raw" else str(row["composePath"])


def command(row: Row) -> str:
    """What comes behind ``docker``. Raises ``CommandError``."""
    if row["command"]:
        return _checked(row["command"].strip())
    path = file_path(row)
    if row["composeType"] == "stack":
        return f"stack deploy -c {path} {row['appName']} --prune --with-registry-auth"
    return f"compose -p {row['appName']} -f {path} up -d --build --remove-orphans"


def _checked(text: str) -> str:
    if UNSAFE.search(text):
        raise CommandError("Invalid characters in compose command: shell control characters are not allowed")
    if re.search(r"(?<!&)&(?!&)|&&&", text):
        raise CommandError("Single '&' is not allowed. Use '&&' for chaining.")
    for chained in text.split("&&")[1:]:
        if not chained.strip().startswith(("docker compose ", "docker-compose ")):
            raise CommandError("Chained commands must strictly start with 'docker compose '")
    return " ".join(re.sub(r'^"(.*)"$', r"\1", word) for word in text.split())


# --- the code folder -------------------------------------------------------------------------------------------------


def on_disk(world: World, row: Row) -> str | None:
    files = world.store.compose_files.get(row["appName"], {})
    return files.get(posixpath.normpath(file_path(row)))


def fetch(world: World, row: Row) -> Plan:
    """Empty the code folder, and write or clone the file into it. The plan has a verdict when that fails."""
    files: dict[str, str] = {}
    if row["sourceType"] == "raw":
        files[RAW_FILE] = row["composeFile"]
        world.store.compose_files[row["appName"]] = files
        return Plan("", "done", lines=[f"File '{RAW_FILE}' created: ✅\n"])
    plan = world.build_outcomes.clone(world.store, row, folder(row))
    if plan.clone:
        world.store.compose_files[row["appName"]] = files
    if plan.has_branch:
        files.update(_repository(world, row))
    return plan


def _repository(world: World, row: Row) -> dict[str, str]:
    """The files of a checkout: those of the settings; without one at ``composePath`` there is a plain one, unless its
    name has ``missing`` in it."""
    path, config = posixpath.normpath(row["composePath"]), world.config
    if config.world == "strict":
        return {RAW_FILE: CONTRACT_FILE} if row["customGitUrl"] == CONTRACT_COMPOSE_REPOSITORY else {}
    files = dict(config.repository_files)
    if "missing" not in path:
        files.setdefault(path, REPOSITORY_FILE)
    for patch in world.store.patches.of("composeId", row["composeId"]):
        if patch["enabled"] and patch["type"] != "delete":
            files[posixpath.normpath(patch["filePath"])] = patch["content"] or ""
    return files


def parsed(world: World, row: Row, cached: bool = False) -> Row | None:
    """The file, of a raw compose that of its row unless ``cached``. Raises ``YamlError``."""
    text = row["composeFile"] if row["sourceType"] == "raw" and not cached else on_disk(world, row)
    file: Row | None = compose_yaml.parse(text or "")
    return file


def converted(world: World, row: Row) -> Row | None:
    """The file that a deployment would write. Raises ``YamlError`` and ``ConversionError``."""
    domains = world.store.domains.of("composeId", row["composeId"])
    return compose_conversion.converted(parsed(world, row), row, domains, world.store.networks)


def env_file(row: Row) -> str:
    """The text of ``.env``; ``row`` has its environment joined. Raises ``DockerError`` for an unknown reference."""
    own = row["env"] or ""
    text = f"APP_NAME={row['appName']}\nCOMPOSE_PROJECT_NAME={row['appName']}\n{own}"
    if "DOCKER_CONFIG" not in text:
        # In the home directory of the server, which the recordings show in this way.
        text += "\nDOCKER_CONFIG=~/.docker"
    if row["randomize"]:
        text += f"\nCOMPOSE_PREFIX={row['suffix']}"
    lines = environment({**row, "env": text})
    if row["composeType"] == "stack":
        return "\n".join(lines)
    quoted = [line.partition("=") for line in lines]
    return "\n".join(f'{name}="{PLAIN_VALUE.sub(chr(92) + chr(92) + "1", value)}"' for name, _sign, value in quoted)


def variables(world: World, row: Row) -> dict[str, str]:
    """What ``.env`` beside the file gives, as it is on disk."""
    files = world.store.compose_files.get(row["appName"], {})
    beside = posixpath.join(posixpath.dirname(posixpath.normpath(file_path(row))), ".env")
    values = dotenv(files.get(beside))
    return {name: re.sub(r'\\(["\\$`])', r"\1", value) for name, value in values.items()}


# --- a deployment ----------------------------------------------------------------------------------------------------


def plan(world: World, row: Row, kind: str) -> Plan:
    """Plan a ``deploy`` or ``redeploy``; ``row`` as ``whole_compose`` gives it."""
    result = fetch(world, row) if kind == "deploy" or row["sourceType"] == "raw" else Plan("", "done")
    rule = world.build_outcomes.rule(row)
    result.killable = rule.get("killable", True)
    if result.result == "error":
        return result
    result.seconds = float(rule.get("seconds", result.seconds or world.config.build_seconds))
    problem, boxed = _prepare(world, row)
    if boxed:
        result.lines += [_box(row), *said(rule)]
    if not problem:
        ends = world.config.next_results.pop(0) if world.config.next_results else rule.get("result", "done")
        problem = "" if ends == "done" else "failed to solve: exit code: 1\nError: ❌ Docker command failed\n"
    if problem:
        result.result, result.verdict = "error", f"{problem}{FAILED}"
    return result


def _prepare(world: World, row: Row) -> tuple[str, bool]:
    """What is wrong before Docker is asked, if anything, and whether the log has the box by then."""
    try:
        command(row)
        if row["createEnvFile"] or row["composeType"] == "stack":
            env_file(row)
    except (CommandError, DockerError) as error:
        return str(error), False
    try:
        if converted(world, row) is None:
            return "❌ Error: Compose file not found\n", True
    except (YamlError, ConversionError) as error:
        return f"❌ Has occurred an error: {error}\n", True
    return "", True


def _box(row: Row) -> str:
    """The frame of 80 columns in which the log names what is deployed."""

    def width(text: str) -> int:
        return sum(2 if char in "✅📂🐳" else 1 for char in text)

    texts = [
        "",
        f"App Name: {row['appName']}",
        "Build Compose 🐳",
        f"Detected: {len(row['mounts'])} mounts 📂",
        f"Command: docker {command(row)}",
        f"Source Type: docker {row['sourceType']} ✅",
        f"Compose Type: {row['composeType']} ✅",
        "",
    ]
    lines = [line for text in texts for line in textwrap.wrap(text, 76, break_on_hyphens=False) or [""]]
    body = [f"║ {line}{' ' * (76 - width(line))} ║" for line in lines]
    return "\n".join(("╔" + "═" * 78 + "╗", *body, "╚" + "═" * 78 + "╝", ""))


def run(world: World, row: Row) -> tuple[bool, str]:
    """Everything is written, now Docker brings it up: whether it does, and what it says."""
    file = converted(world, row)
    files = world.store.compose_files.setdefault(row["appName"], {})
    files[posixpath.normpath(file_path(row))] = compose_yaml.stringify(file)
    log = _write_env(row, files) if row["createEnvFile"] else ""
    try:
        if _only_prepares(row):
            lines = world.docker.projects.prepare(_loaded(world, row))
        elif row["composeType"] == "stack":
            values = dotenv(env_file(row))
            lines = compose_stack.deploy(
                world.docker, row, compose_file.load(compose_yaml.stringify(file), values, _path(row))
            )
        else:
            lines = up(world, row)
            if row["composeId"] not in world.store.services["compose"]:
                # It was deleted during the build, and its code folder with it.
                world.docker.projects.set_state(row["appName"], "created")
    except ComposeError as error:
        before = error.args[1] if len(error.args) > 1 else []
        words = "".join(f"{line}\n" for line in (*before, error.args[0]))
        return False, f"{log}{words}Error: ❌ Docker command failed\n{FAILED}"
    return True, log + "".join(f"{line}\n" for line in (*lines, "Docker Compose Deployed: ✅"))


def _path(row: Row) -> str:
    return posixpath.join(folder(row), posixpath.normpath(file_path(row)))


def _write_env(row: Row, files: dict[str, str]) -> str:
    """It belongs beside ``composePath``; a folder that is not there makes no error, but no file either."""
    place = posixpath.dirname(posixpath.normpath(row["composePath"]))
    if place and not any(name.startswith(f"{place}/") for name in files):
        lost = f"{folder(row)}/{place}/.env"
        return f"touch: cannot touch '{lost}': No such file or directory\n/bin/sh: 20: cannot create {lost}: " + (
            "Directory nonexistent\n"
        )
    files[posixpath.join(place, ".env")] = env_file(row)
    return ""


def _only_prepares(row: Row) -> bool:
    """Whether the command of its own pulls and builds images, and starts nothing (Docker's documentation)."""
    parts = [set(part.split()) for part in (row["command"] or "").split("&&")]
    return all(words & {"pull", "build"} and not words & {"up", "create", "start", "run"} for words in parts)


def _loaded(world: World, row: Row) -> Row:
    """The file on disk. Raises ``ComposeError``."""
    text = on_disk(world, row)
    if text is None:
        raise ComposeError(f"open {_path(row)}: no such file or directory")
    file: Row = compose_file.load(text, variables(world, row), _path(row))
    return file


def up(world: World, row: Row) -> list[str]:
    """``docker compose up`` with the files on disk. Raises ``ComposeError``."""
    file = _loaded(world, row)
    rule = world.build_outcomes.rule(row)
    lines = world.docker.projects.up(row["appName"], file, rule.get("services", {}))
    if "crash_after" in rule:
        world.docker.projects.crash_later(row["appName"], rule["crash_after"])
    return lines
