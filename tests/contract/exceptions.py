# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the simulator deliberately does not do, each with its reason, and what the recording left out.

``test_replay`` fails when an exception is not needed any more.
"""

from __future__ import annotations

from typing import Any

# Sections that are not played at all.
SECTIONS = {
    "6-member": "what a member may do with services is not simulated",
}

ANYTHING = r".*"
INSPECTED = r"Spec\.Networks|Version|UpdatedAt|CreatedAt|NetworksAttachments|Status|NodeID|ServiceID"
INSPECT = "docker inspect: the labels, image and command of a task are played, networks and Docker's own ids are not"

# Record -> (pattern of the places that may differ, reason).
RECORDS: dict[str, tuple[str, str]] = {
    "bootstrap#2": (r"result\.data\.json\.user\.apiKeys", "the simulator has the first API key from the start"),
    "4-deploy-git#6": (r"body", "the log of a build names its steps, without the output of git and BuildKit"),
    "5-destination#6": (r"message", "the command is played, the words of the recording host's rclone are not"),
    "5-databases#6": (ANYTHING, "the recording host could not reach the registry of the default image"),
    "5-databases#7": (
        ANYTHING,
        "another build of 0.30.2 than that of the databases, which is played: a 500 with the script",
    ),
    "5-databases#14": (
        r".*(applicationStatus|description)",
        "the rows show changes that were left out of the recording",
    ),
    "5-backup#2": (ANYTHING, "the row shows changes that were left out of the recording"),
    "5-databases-remove#1": (ANYTHING, "the row shows changes whose requests were left out of the recording"),
    "6-docker-state#9": (INSPECTED, INSPECT),
    "6-docker-state#11": (INSPECTED, INSPECT),
}

PROJECT, ENVIRONMENT = "Ue1vLI1JDrxRekUSQHO2e", "GotF5zXn0N2reerrsxU54"
SAVED, GIT_APP, REL = "o8chk1VcTzXDJxDzKDAPf", "Qyd5ffZgmU14LM8F0yLfx", "qBYYV_XgVxe4KLt2b0InW"
RUNS, RUNS_NAME = "uN1_T0dndauTHTL-LLj8u", "runs-jas3k7"
WAIT, RUNNING, FINISH, IDLE = "wait", "running", "finish", "idle"

# Calls to make before a record, with recorded ids: their effect shows in the record, they themselves were left out.
# "&" behind a procedure: its build is not waited for. "wait": so many seconds pass; "running": until a
# build has its row; "finish": the running build ends; "idle": until no build runs.
PREPARE: dict[str, list[tuple[str, Any]]] = {
    "3-project-env#5": [("project.update", {"projectId": PROJECT, "description": ""})],
    "3-project-env#24": [
        ("environment.update", {"environmentId": ENVIRONMENT, "description": "dd", "env": "D=1"}),
    ],
    "3-app-save#24": [("application.update", {"applicationId": SAVED, "enableSubmodules": False})],
    "3-app-save#29": [
        (
            "application.update",
            {
                "applicationId": SAVED,
                "gitlabPathNamespace": None,
                "gitlabProjectId": None,
                "repository": None,
                "triggerType": "tag",
            },
        ),
    ],
    "3-app-save#32": [
        (
            "application.update",
            {
                **dict.fromkeys("buildArgs buildSecrets env username password registryUrl dockerImage".split(), ""),
                "applicationId": SAVED,
                "buildType": "nixpacks",
                "createEnvFile": True,
            },
        ),
    ],
    "4-deploy-git#13": [(RUNNING, None)],
    "4-deploy-git#14": [("application.deploy&", {"applicationId": GIT_APP, "title": "slow 3"})],
    "4-deploy-git#19": [(IDLE, None)],
    "3-delete#1": [
        ("application.update", {"applicationId": GIT_APP, "cleanCache": True}),
        ("application.deploy&", {"applicationId": GIT_APP, "title": "will be deleted"}),
        (RUNNING, None),
    ],
    "3-delete#4": [(FINISH, None)],
    "5-domain#2": [
        ("domain.create", {"host": "a.example.com", "applicationId": REL}),
        ("domain.create", {"host": "c.example.com", "applicationId": REL, "certificateType": "custom"}),
    ],
    "5-domain#7": [("domain.create", {"host": "f.example.com", "applicationId": REL, "port": None, "path": None})],
    "5-domain#11": [
        (
            "domain.update",
            {
                "domainId": "xWCN7euDJkts4iVMNZ2xp",
                "host": "a2.example.com",
                "https": True,
                "port": None,
                "certificateType": "letsencrypt",
                "stripPath": True,
            },
        ),
    ],
    "5-destination#2": [
        (
            "destination.create",
            {
                "name": "dest",
                "provider": None,
                "accessKey": "<secret:30>",
                "secretAccessKey": "<secret:31>",
                "bucket": "b",
                "region": "",
                "endpoint": "http://127.0.0.1:9",
                "additionalFlags": None,
            },
        ),
    ],
    "5-network#4": [("network.create", {"name": "net br"})],
    "5-sshKey#4": [
        (
            "sshKey.create",
            {"name": "k4", "privateKey": "<secret:27>", "publicKey": "ssh-ed25519 AAAA x", "organizationId": "any"},
        ),
    ],
    "5-server#6": [("application.delete", {"applicationId": "8wfo0Qz7fDSgNV-7IgjF9"})],
    "5-compose#8": [("compose.update", {"composeId": "SFTCNdkbOePkLoYvzHZ9Q", "randomize": True})],
    "5-compose#11": [("compose.update", {"composeId": "XrGro73OUv1LtrRwvspgF", "env": "A=1"})],
    "5-databases#14": [
        ("application.update", {"applicationId": "wt5vMVRL9eMUT3X_tiaQO", "name": "web3", "icon": None}),
        ("compose.delete", {"composeId": "NpkPvKA0kXiDYe30aUh7W", "deleteVolumes": True}),
    ],
    "5-gitProvider#8": [("gitProvider.remove", {"gitProviderId": "2bfJK7e9x1zUa3wz-geTJ"})],
    "5-backup#6": [("backup.remove", {"backupId": "gg5_tzHBQk_JbXL2nCg_v"})],
    "6-never-deployed#3": [
        ("environment.update", {"environmentId": "5JihKi-DI9ZlbPuUabZzV", "env": "ENVV=fromenv"}),
        ("project.update", {"projectId": "tPGFaQ44HgBMi6CCulabp", "env": "SHARED=fromproject"}),
    ],
    "4-deploy-poll#5": [(RUNNING, None)],
    "4-deploy-poll#6": [(FINISH, None)],
    "6-docker-state#12": [("application.stop", {"applicationId": RUNS})],
    "6-docker-state#13": [(WAIT, 1.1)],
    "6-docker-state#15": [("application.start", {"applicationId": RUNS})],
}

# Settings of the simulator for a section; they stay until another section changes them.
SETTINGS: dict[str, dict[str, Any]] = {
    "4-deploy-poll": {"build_seconds": 60},
    "6-docker-state": {"build_seconds": 0.01, "linger_seconds": 1.0},
}

# Records after which a build is running on purpose.
BESIDE = frozenset(("4-deploy-git#11", "4-deploy-git#12", "4-deploy-poll#4"))
