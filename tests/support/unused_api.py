# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of Dokploy's API that the collection does not use, each with its reason.

``test_completeness`` fails when an entry is missing here, and when the collection uses one of them."""

from __future__ import annotations

_SAVE = "application.update takes all of its fields, is partial and leaves the status alone"
_ONE = "the read of the application, or the list of them, shows the same"
_PAGE = "the web interface's editor of a repository uses it; the other procedures of patches do all that it does"
_OTHERS = "it is about other things than applications"

_HISTORY = "the server prunes deployments by itself"
_WIPES = "it replaces the files of a running stack, so that a later start loses its variables"
_PREVIEW = "it stores nothing, and its passwords differ with each call"

DATABASES = ("postgres", "mysql", "mariadb", "mongo", "redis", "libsql")
# Of each kind of database: procedure -> reason.
_OF_DATABASES: dict[str, str] = {
    "saveEnvironment": "the update takes the variables, in the same request as everything else",
    "saveExternalPort": "it deploys at once, and refuses the port that the database has; the update stores it",
    "saveExternalPorts": "it deploys at once; the update stores the ports",
    "deployWithLogs": "deploy does the same, and its answer says whether it worked",
    "move": "the update moves with environmentId, in the same request as everything else",
    "search": "the environment names every database; the search may miss some",
}

# Procedure -> reason.
UNUSED_PROCEDURES: dict[str, str] = {
    "application.saveEnvironment": _SAVE,
    "application.saveBuildType": _SAVE,
    "application.saveDockerProvider": _SAVE,
    "application.saveGitProvider": _SAVE,
    "application.saveGithubProvider": _SAVE,
    "application.saveGitlabProvider": _SAVE,
    "application.saveBitbucketProvider": _SAVE,
    "application.saveGiteaProvider": _SAVE,
    "application.move": "application.update moves with environmentId, in the same request as everything else",
    "application.search": "the project tree names every application; the search may miss some",
    "application.cancelDeployment": "it is for Dokploy Cloud, and answers 400 elsewhere",
    "domain.one": _ONE,
    "domain.toggleEnable": "it flips what is there; domain.update says the wanted value",
    "domain.canGenerateTraefikMeDomains": "it tells the web interface whether the server has an address",
    "domain.validateDomain": "it asks DNS, which concerns no state that Dokploy keeps",
    "mounts.one": _ONE,
    "mounts.listByServiceId": _ONE,
    "mounts.allNamedByApplicationId": "it shows what the running containers have, not what is configured",
    "port.one": _ONE,
    "redirects.one": _ONE,
    "security.one": _ONE,
    "schedule.one": _ONE,
    "volumeBackups.one": _ONE,
    "backup.one": "the read of what is backed up shows the same, without its password",
    "patch.one": _ONE,
    "patch.toggleEnabled": "patch.update says it too, in the same request as everything else",
    "patch.saveFileAsPatch": _PAGE,
    "patch.markFileForDeletion": _PAGE,
    "patch.ensureRepo": _PAGE,
    "patch.readRepoDirectories": _PAGE,
    "patch.readRepoFile": _PAGE,
    "patch.cleanPatchRepos": "it empties the folder of the web interface's editor",
    "compose.cancelDeployment": "it is for Dokploy Cloud, and answers 400 elsewhere",
    "compose.clearDeployments": _HISTORY,
    "compose.disconnectGitProvider": "compose.update writes the columns of a source, and leaves those of the others",
    "compose.fetchSourceType": _WIPES,
    "compose.getDefaultCommand": "the command follows from the type, and is used where none is set",
    "compose.getTags": "the list of templates has the tags of each",
    "compose.isolatedDeployment": _WIPES,
    "compose.loadMountsByService": "it shows what the running containers have, not what is configured",
    "compose.move": "compose.update moves with environmentId, in the same request as everything else",
    "compose.previewTemplate": _PREVIEW,
    "compose.processTemplate": _PREVIEW,
    "compose.randomizeCompose": "it previews the names that the option randomize gives, and stores nothing",
    "compose.refreshToken": "compose.update writes a token of your own, in the same request as everything else",
    "compose.saveEnvironment": "compose.update takes all of its fields, and is partial",
    "compose.search": "the project tree names every stack; the search may miss some",
    "docker.getContainersByAppLabel": "the other lists of the containers of a service show their status, too",
    "docker.stopContainer": "the procedures of a service stop it, and Dokploy keeps its status",
    **dict.fromkeys(
        ("dockerVolume.listVolumeFiles", "dockerVolume.readVolumeFile"),
        "a job looks into a volume, and tells what it found in the same container",
    ),
    "dockerVolume.getVolumeConfig": "docker.getConfig shows a volume, and beside it whether Docker answers at all",
    "deployment.killProcess": "it ends the command of a schedule, and answers 400 for a build",
    **{
        f"{kind}.{name}": reason
        for kind in DATABASES
        for name, reason in _OF_DATABASES.items()
        if (name not in ("search", "saveExternalPort") if kind == "libsql" else name != "saveExternalPorts")
    },
    "redis.changePassword": "it answers true although it failed, and the next restart undoes it; the update is right",
    "registry.one": "the listing shows the same, and the password",
    "registry.testRegistryById": "registry.testRegistry tests what will be stored, before it is",
    "certificates.one": "the listing shows the same",
    **dict.fromkeys(
        ("network.import", "network.networksToSync"),
        "it is about networks that Docker has and Dokploy does not manage, or the other way round",
    ),
    "network.recreate": "a network that Docker has lost is removed and created again",
    "tag.one": "the listing shows the same",
    "tag.assignToProject": "tag.bulkAssign writes all tags of a project",
    "tag.removeFromProject": "tag.bulkAssign writes all tags of a project",
    "sshKey.one": "the listing shows the same",
    **{
        f"{kind}.{name}": reason
        for kind in ("bitbucket", "gitea", "github", "gitlab")
        for name, reason in {
            f"{kind}Providers": "gitProvider.getAll shows the same, and the others",
            f"get{kind.capitalize()}Repositories": "the web interface offers them for a choice",
            f"get{kind.capitalize()}Branches": "the web interface offers them for a choice",
        }.items()
    },
    "gitea.getGiteaUrl": "gitea.one shows the same",
    "gitProvider.allForPermissions": "it needs a license of the enterprise edition",
    **dict.fromkeys(("vaultProvider.one", "dnsProvider.one", "ai.one", "ai.get"), "the listing shows the same"),
    "vaultProvider.listSecretNames": "the web interface offers them for a choice",
    **{
        f"dnsProvider.{name}": "records belong to domains, not to the account"
        for name in ("listZones", "listRecords", "createRecord", "updateRecord", "deleteRecord")
    },
    "ai.getModels": "the web interface offers them for a choice, with the key in the URL",
    "ai.getEnabledProviders": "the listing shows the same, and the others",
    "ai.analyzeLogs": "it asks a model, and stores nothing",
    **dict.fromkeys(("ai.getCustomProviders", "ai.saveCustomProviders"), "it is about the organization"),
    "notification.getEmailProviders": "notification.all shows the same, of every kind",
    "notification.receiveNotification": "the agent that monitors a server calls it",
    "server.allForPermissions": "it needs a licence, and shows the same",
    "server.count": "the listing shows how many there are",
    "server.getDefaultCommand": "the script follows from the type, and is used where none is set",
    "server.one": "the listing shows the same, and the number of services",
    "server.security": "it shows settings of the firewall and the SSH service, which Dokploy does not change",
    "server.setup": "server.setupWithLogs does the same, and says something of it",
    "server.setupMonitoring": "it installs containers of its own for the graphs of the web interface",
    "server.withSSHKey": "the listing shows all servers, with the key of each",
    **dict.fromkeys(
        ("user.listSessions", "user.revokeSession", "user.listPasskeys", "user.update", "user.haveRootAccess"),
        "it is about the user who asks, in the browser",
    ),
    **dict.fromkeys(
        ("user.session", "user.getPermissions", "user.checkUserOrganizations", "user.generateToken"),
        "the web interface asks it about its own user",
    ),
    **dict.fromkeys(
        ("user.getBookmarkedTemplates", "user.toggleTemplateBookmark"), "it marks templates in the web interface"
    ),
    **dict.fromkeys(
        ("user.getContainerMetrics", "user.getServerMetrics", "user.getMetricsToken"),
        "the agent for graphs of the web interface answers it",
    ),
    "user.one": "the list of users shows the same",
    **dict.fromkeys(
        (
            "user.getInvitations",
            "user.getUserByToken",
            "user.sendInvitation",
            "organization.allInvitations",
            "organization.inviteMember",
            "organization.removeInvitation",
        ),
        "an invitation is accepted in the browser; user.createUserWithCredentials needs none",
    ),
    **dict.fromkeys(("organization.one", "organization.active"), "the list of organizations shows the same"),
    **dict.fromkeys(
        ("settings.getDokployCloudIps", "settings.isCloud", "settings.isUserSubscribed"), "it is for Dokploy Cloud"
    ),
    **dict.fromkeys(
        ("settings.updateEnforceSSO", "settings.updateRemoteServersOnly"),
        "it needs a license of the enterprise edition",
    ),
    **dict.fromkeys(("settings.saveSSHPrivateKey", "settings.cleanSSHPrivateKey"), "nothing in Dokploy reads this key"),
    **dict.fromkeys(
        ("settings.readWebServerTraefikConfig", "settings.updateWebServerTraefikConfig"),
        "settings.assignDomainServer writes this file",
    ),
    **dict.fromkeys(
        ("settings.updateServer", "settings.getUpdateData", "settings.getReleaseTag"),
        "the role server updates to a stated release; these know the newest one only",
    ),
    **dict.fromkeys(
        ("settings.setupGPU", "settings.checkGPUStatus"), "it configures Docker on a host, as Ansible does"
    ),
    **dict.fromkeys(("settings.getIp", "settings.getLogCleanupStatus"), "settings.getWebServerSettings shows the same"),
    "settings.checkInfrastructureHealth": "it fails where PostgreSQL is not a service of the swarm",
    "settings.getDockerDiskUsage": "the web interface shows it",
    "rollback.delete": "it takes the deployment with it; the server prunes both by itself",
}

_UNREAD = "a column that nothing in Dokploy reads"
_OWN = "Dokploy keeps it by itself"
_PARENT = "it belongs to this application, and a changed parent leaves it with two"
_ELSEWHERE = "for what belongs to something else than an application"

_NOTIFICATIONS = (
    *("Custom", "Discord", "Email", "Gotify", "Lark", "Mattermost"),
    *("Ntfy", "Pushover", "Resend", "Slack", "Teams", "Telegram"),
)
# (Procedures, fields, reason).
_FIELDS: tuple[tuple[str, str, str], ...] = (
    ("application.create", "sourceType", "application.update sets it, on older servers too"),
    ("application.update", "title subtitle enabled", _UNREAD),
    ("application.update", "applicationStatus createdAt", _OWN),
    ("application.update", "appName", "accepted and dropped: the name in Docker never changes"),
    ("compose.create", "sourceType", "compose.update sets it, on older servers too"),
    ("compose.update", "composeStatus createdAt", _OWN),
    ("compose.update", "appName", "accepted and dropped: the name in Docker never changes"),
    ("domain.create", "previewDeploymentId", _ELSEWHERE),
    ("domain.update", "domainType", _PARENT),
    ("mounts.update", "composeId libsqlId mariadbId mongoId mysqlId postgresId redisId", _ELSEWHERE),
    ("mounts.update", "applicationId serviceType", _PARENT),
    ("mounts.update", "type", "a mount of another type is recreated, since the columns of the old one stay"),
    ("patch.create", "composeId", _ELSEWHERE),
    ("patch.create", "enabled", "it is ignored: every new patch is enabled"),
    ("patch.update", "createdAt updatedAt", _OWN),
    (
        "schedule.create schedule.update",
        "organizationId",
        _OWN,
    ),
    ("schedule.create schedule.update", "appName createdAt", _OWN),
    ("schedule.create", "scheduleId", _OWN),
    ("schedule.update", "applicationId composeId serverId scheduleType", _PARENT),
    (
        "volumeBackups.update",
        "libsqlId mariadbId mongoId mysqlId postgresId redisId",
        _PARENT,
    ),
    ("volumeBackups.create volumeBackups.update", "appName createdAt", _OWN),
    ("volumeBackups.update", "applicationId composeId serviceType", _PARENT),
    *((f"{kind}.update", "appName applicationStatus createdAt", _OWN) for kind in DATABASES),
    ("libsql.create", "dockerImage", "it is stored, and another image runs; the update sends it, which resets it"),
    ("libsql.update", "stopGracePeriodSwarm endpointSpecSwarm", "columns that no deployment reads"),
    ("backup.listBackupFiles", "serverId", "another server sees the same bucket"),
    (
        "registry.create registry.update registry.testRegistry",
        "serverId",
        "the login runs on that server only, and it is not stored that it did",
    ),
    ("sshKey.update", "lastUsedAt", _OWN),
    ("bitbucket.create gitlab.create", "gitProviderId", "the server gives it"),
    ("gitea.create", "gitProviderId lastAuthenticatedAt giteaUsername organizationName", "not stored, or the server's"),
    ("gitea.update", "lastAuthenticatedAt giteaUsername organizationName", "not stored, or the server's own"),
    ("gitea.testConnection", "organizationName", "the server does not read it"),
    ("bitbucket.create", "bitbucketId", "the server gives an ID"),
    ("gitea.create", "giteaId", "the server gives an ID"),
    ("bitbucket.update", "organizationId", _OWN),
    ("tag.update", "createdAt organizationId", "the server drops it silently"),
    ("ai.update", "createdAt", _OWN),
    *((f"notification.update{kind}", "organizationId", _OWN) for kind in _NOTIFICATIONS),
    ("certificates.create", "autoRenew", _UNREAD),
    ("certificates.create", "certificateId certificatePath", _OWN),
    *(
        (f"settings.{name}", "serverId", "the module manages Dokploy's own host")
        for name in (
            *("cleanAll", "cleanDockerBuilder", "cleanDockerPrune", "cleanStoppedContainers", "cleanUnusedImages"),
            *("cleanUnusedVolumes", "getTraefikPorts", "haveTraefikDashboardPortEnabled", "readTraefikEnv"),
            *("readDirectories", "reloadTraefik", "toggleDashboard", "updateTraefikPorts", "writeTraefikEnv"),
        )
    ),
    ("settings.updateDockerCleanup", "serverId", "dokploy_server sets it with the server"),
    ("registry.update", "registryType", "there is one type"),
    ("registry.update", "createdAt organizationId", _OWN),
    (
        "destination.create destination.update destination.testConnection",
        "serverId",
        "only Dokploy Cloud reads it, to test the connection from one of its servers",
    ),
)

# (Procedure, field) -> reason.
UNUSED_FIELDS: dict[tuple[str, str], str] = {
    (procedure, field): reason
    for procedures, fields, reason in _FIELDS
    for procedure in procedures.split()
    for field in fields.split()
}

# (Procedure, field) -> the first release with which an option is offered, and why not the first that accepts it.
OFFERED_LATER: dict[tuple[str, str], tuple[tuple[int, int, int], str]] = {
    ("certificates.create", "serverId"): ((0, 29, 0), "older releases cannot change a certificate"),
    **{
        (f"{service}.update", "stopGracePeriodSwarm"): (
            (0, 29, 0),
            "older releases accept a number and then fail to show the service until it is null again",
        )
        for service in ("application", "postgres", "mysql", "mariadb", "mongo", "redis")
    },
}
