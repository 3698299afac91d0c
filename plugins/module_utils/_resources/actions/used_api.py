# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The procedures that the collection calls, each with the fields that it sends. Written by C(make generate).

A procedure or a field that Dokploy 0.25.0 does not have is followed by C(@) and the first release that has it.
"""

from __future__ import annotations

# The newest release whose procedures and fields are known.
NEWEST = "0.30.8"
TABLE = """
ai.create(apiKey apiUrl isEnabled model name) ai.delete(aiId) ai.getAll() ai.testConnection@0.29.0(apiKey apiUrl
model) ai.update(aiId apiKey apiUrl isEnabled model name) application.cleanQueues(applicationId)
application.clearDeployments@0.27.1(applicationId) application.create(appName description environmentId name serverId)
application.delete(applicationId) application.deploy(applicationId description title)
application.disconnectGitProvider(applicationId) application.dropDeployment@0.29.0(applicationId dropBuildPath zip)
application.killBuild@0.25.8(applicationId) application.markRunning(applicationId) application.one(applicationId)
application.readAppMonitoring(appName) application.readLogs@0.29.0(applicationId search since tail)
application.readTraefikConfig(applicationId) application.redeploy(applicationId description title)
application.refreshToken(applicationId) application.reload(appName applicationId) application.start(applicationId)
application.stop(applicationId) application.update(applicationId args@0.26.0 autoDeploy bitbucketBranch
bitbucketBuildPath bitbucketId bitbucketOwner bitbucketRepository bitbucketRepositorySlug@0.26.7 branch buildArgs
buildPath buildRegistryId@0.26.0 buildSecrets@0.25.6 buildServerId@0.26.0 buildType cleanCache command cpuLimit
cpuReservation createEnvFile@0.26.1 customGitBranch customGitBuildPath customGitSSHKeyId customGitUrl description
detachDokployNetwork@0.29.14 dockerBuildStage dockerContextPath dockerImage dockerfile dropBuildPath enableSubmodules
endpointSpecSwarm@0.25.7 env environmentId giteaBranch giteaBuildPath giteaId giteaOwner giteaRepository githubId
gitlabBranch gitlabBuildPath gitlabId gitlabOwner gitlabPathNamespace gitlabProjectId gitlabRepository
healthCheckSwarm herokuVersion icon@0.29.0 isPreviewDeploymentsActive isStaticSpa labelsSwarm memoryLimit
memoryReservation modeSwarm name networkIds@0.29.14 networkSwarm owner password placementSwarm previewBuildArgs
previewBuildSecrets@0.25.6 previewCertificateType previewCustomCertResolver previewEnv previewHttps previewLabels
previewLimit previewPath previewPort previewRequireCollaboratorPermissions previewWildcard publishDirectory
railpackVersion refreshToken registryId registryUrl replicas repository restartPolicySwarm rollbackActive
rollbackConfigSwarm rollbackRegistryId@0.26.0 sourceType stopGracePeriodSwarm@0.25.5 triggerType ulimitsSwarm@0.27.0
updateConfigSwarm username watchPaths) application.updateTraefikConfig(applicationId traefikConfig)
backup.create(backupType composeId database databaseType destinationId enabled includeEncryptionKey@0.29.12
keepLatestCount libsqlId@0.29.0 mariadbId metadata mongoId mysqlId postgresId prefix schedule serviceName userId)
backup.listBackupFiles(destinationId search) backup.manualBackupCompose(backupId)
backup.manualBackupLibsql@0.29.0(backupId) backup.manualBackupMariadb(backupId) backup.manualBackupMongo(backupId)
backup.manualBackupMySql(backupId) backup.manualBackupPostgres(backupId) backup.manualBackupWebServer(backupId)
backup.remove(backupId) backup.update(backupId database databaseType destinationId enabled
includeEncryptionKey@0.29.12 keepLatestCount metadata prefix schedule serviceName) bitbucket.create(apiToken@0.25.3
appPassword authId bitbucketEmail@0.25.3 bitbucketUsername bitbucketWorkspaceName name) bitbucket.one(bitbucketId)
bitbucket.testConnection(apiToken@0.25.3 appPassword@0.25.3 bitbucketEmail@0.25.3 bitbucketId bitbucketUsername
workspaceName) bitbucket.update(apiToken@0.25.3 appPassword bitbucketEmail@0.25.3 bitbucketId bitbucketUsername
bitbucketWorkspaceName gitProviderId name) certificates.all() certificates.create(certificateData name organizationId
privateKey serverId) certificates.remove(certificateId) certificates.update@0.29.0(certificateData certificateId name
privateKey) compose.cleanQueues(composeId) compose.create(appName composeFile composeType description environmentId
name serverId) compose.delete(composeId deleteVolumes) compose.deploy(composeId description freshVolumes@0.30.5 title)
compose.deployTemplate(baseUrl environmentId id serverId) compose.getConvertedCompose(composeId) compose.import(base64
composeId) compose.killBuild@0.25.8(composeId) compose.loadServices(composeId type) compose.one(composeId)
compose.readLogs@0.29.0(composeId containerId search since tail) compose.redeploy(composeId description
freshVolumes@0.30.5 title) compose.start(composeId) compose.stop(composeId) compose.templates(baseUrl)
compose.update(autoDeploy bitbucketBranch bitbucketId bitbucketOwner bitbucketRepository
bitbucketRepositorySlug@0.26.7 branch command composeFile composeId composePath composeType createEnvFile@0.30.0
customGitBranch customGitSSHKeyId customGitUrl description enableSubmodules env environmentId giteaBranch giteaId
giteaOwner giteaRepository githubId gitlabBranch gitlabId gitlabOwner gitlabPathNamespace gitlabProjectId
gitlabRepository icon@0.29.14 isolatedDeployment isolatedDeploymentsVolume name owner randomize refreshToken
repository serviceNetworks@0.29.14 sourceType suffix triggerType watchPaths) deployment.all(applicationId)
deployment.allByCompose(composeId) deployment.allByServer(serverId) deployment.allByType(id type)
deployment.allCentralized@0.28.3() deployment.queueList@0.28.3() deployment.readLogs@0.29.5(deploymentId tail)
deployment.removeDeployment@0.27.1(deploymentId) destination.all() destination.create(accessKey additionalFlags@0.29.0
bucket endpoint name provider region secretAccessKey) destination.one(destinationId) destination.remove(destinationId)
destination.testConnection(accessKey additionalFlags@0.29.0 bucket endpoint name provider region secretAccessKey)
destination.update(accessKey additionalFlags@0.29.0 bucket destinationId endpoint name provider region
secretAccessKey) dnsProvider.all@0.30.0() dnsProvider.create@0.30.0(config name)
dnsProvider.remove@0.30.0(dnsProviderId) dnsProvider.testConnection@0.30.0(config dnsProviderId)
dnsProvider.update@0.30.0(config dnsProviderId name) docker.getConfig(containerId serverId)
docker.getContainers(serverId) docker.getContainersByAppNameMatch(appName appType serverId)
docker.getServiceContainersByAppName(appName serverId) docker.getStackContainersByAppName(appName serverId)
docker.removeContainer@0.29.0(containerId serverId) dockerVolume.getVolumes@0.30.0(serverId)
dockerVolume.removeVolume@0.30.0(serverId volumeName) domain.byApplicationId(applicationId)
domain.byComposeId(composeId) domain.create(applicationId certificateType composeId customCertResolver
customEntrypoint@0.29.0 domainType forwardAuthEnabled@0.29.8 host https internalPath middlewares@0.29.0 path port
serviceName stripPath) domain.delete(domainId) domain.generateDomain(appName serverId) domain.update(certificateType
customCertResolver customEntrypoint@0.29.0 domainId enabled@0.30.0 forwardAuthEnabled@0.29.8 host https internalPath
middlewares@0.29.0 path port serviceName stripPath) environment.create(description name projectId)
environment.one(environmentId) environment.remove(environmentId) environment.update(description env environmentId name
projectId) gitProvider.getAll() gitProvider.remove(gitProviderId) gitProvider.toggleShare@0.29.0(gitProviderId
sharedWithOrganization) gitea.create(accessToken clientId clientSecret expiresAt giteaInternalUrl@0.27.0 giteaUrl name
redirectUri refreshToken scopes) gitea.one(giteaId) gitea.testConnection(giteaId) gitea.update(accessToken clientId
clientSecret expiresAt gitProviderId giteaId giteaInternalUrl@0.27.0 giteaUrl name redirectUri refreshToken scopes)
github.one(githubId) github.testConnection(githubId) github.update(gitProviderId githubAppName githubId name)
gitlab.create(applicationId authId gitlabInternalUrl@0.27.0 gitlabUrl groupName name redirectUri secret)
gitlab.one(gitlabId) gitlab.testConnection(gitlabId groupName) gitlab.update(applicationId gitProviderId gitlabId
gitlabInternalUrl@0.27.0 gitlabUrl groupName name redirectUri secret) libsql.changeStatus@0.29.0(applicationStatus
libsqlId) libsql.create@0.29.0(appName databasePassword databaseUser description enableNamespaces environmentId name
serverId sqldNode sqldPrimaryUrl) libsql.deploy@0.29.0(libsqlId) libsql.one@0.29.0(libsqlId)
libsql.readLogs@0.29.0(libsqlId search since tail) libsql.rebuild@0.29.0(libsqlId) libsql.reload@0.29.0(appName
libsqlId) libsql.remove@0.29.0(libsqlId) libsql.start@0.29.0(libsqlId) libsql.stop@0.29.0(libsqlId)
libsql.update@0.29.0(command cpuLimit cpuReservation databasePassword databaseUser description
detachDokployNetwork@0.29.14 dockerImage enableNamespaces env environmentId externalAdminPort externalGRPCPort
externalPort healthCheckSwarm labelsSwarm libsqlId memoryLimit memoryReservation modeSwarm name networkIds@0.29.14
networkSwarm placementSwarm replicas restartPolicySwarm rollbackConfigSwarm sqldNode sqldPrimaryUrl updateConfigSwarm)
mariadb.changePassword@0.29.0(mariadbId password type) mariadb.changeStatus(applicationStatus mariadbId)
mariadb.create(appName databaseName databasePassword databaseRootPassword databaseUser description dockerImage
environmentId name serverId) mariadb.deploy(mariadbId) mariadb.one(mariadbId) mariadb.readLogs@0.29.0(mariadbId search
since tail) mariadb.rebuild(mariadbId) mariadb.reload(appName mariadbId) mariadb.remove(mariadbId)
mariadb.start(mariadbId) mariadb.stop(mariadbId) mariadb.update(args@0.26.0 command cpuLimit cpuReservation
databaseName databasePassword databaseRootPassword databaseUser description detachDokployNetwork@0.29.14 dockerImage
endpointSpecSwarm@0.25.7 env environmentId externalPort healthCheckSwarm labelsSwarm mariadbId memoryLimit
memoryReservation modeSwarm name networkIds@0.29.14 networkSwarm placementSwarm replicas restartPolicySwarm
rollbackConfigSwarm stopGracePeriodSwarm@0.25.5 ulimitsSwarm@0.27.0 updateConfigSwarm)
mongo.changePassword@0.29.0(mongoId password) mongo.changeStatus(applicationStatus mongoId) mongo.create(appName
databasePassword databaseUser description dockerImage environmentId name replicaSets serverId) mongo.deploy(mongoId)
mongo.one(mongoId) mongo.readLogs@0.29.0(mongoId search since tail) mongo.rebuild(mongoId) mongo.reload(appName
mongoId) mongo.remove(mongoId) mongo.start(mongoId) mongo.stop(mongoId) mongo.update(args@0.26.0 command cpuLimit
cpuReservation databasePassword databaseUser description detachDokployNetwork@0.29.14 dockerImage
endpointSpecSwarm@0.25.7 env environmentId externalPort healthCheckSwarm labelsSwarm memoryLimit memoryReservation
modeSwarm mongoId name networkIds@0.29.14 networkSwarm placementSwarm replicaSets replicas restartPolicySwarm
rollbackConfigSwarm stopGracePeriodSwarm@0.25.5 ulimitsSwarm@0.27.0 updateConfigSwarm) mounts.create(content filePath
hostPath mountPath serviceId serviceType type volumeName) mounts.remove(mountId) mounts.update(content filePath
hostPath mountId mountPath volumeName) mysql.changePassword@0.29.0(mysqlId password type)
mysql.changeStatus(applicationStatus mysqlId) mysql.create(appName databaseName databasePassword databaseRootPassword
databaseUser description dockerImage environmentId name serverId) mysql.deploy(mysqlId) mysql.one(mysqlId)
mysql.readLogs@0.29.0(mysqlId search since tail) mysql.rebuild(mysqlId) mysql.reload(appName mysqlId)
mysql.remove(mysqlId) mysql.start(mysqlId) mysql.stop(mysqlId) mysql.update(args@0.26.0 command cpuLimit
cpuReservation databaseName databasePassword databaseRootPassword databaseUser description
detachDokployNetwork@0.29.14 dockerImage endpointSpecSwarm@0.25.7 env environmentId externalPort healthCheckSwarm
labelsSwarm memoryLimit memoryReservation modeSwarm mysqlId name networkIds@0.29.14 networkSwarm placementSwarm
replicas restartPolicySwarm rollbackConfigSwarm stopGracePeriodSwarm@0.25.5 ulimitsSwarm@0.27.0 updateConfigSwarm)
network.all@0.29.14(serverId) network.create@0.29.14(attachable driver enableIPv4 enableIPv6 internal ipam mtu name
serverId) network.inspect@0.29.14(networkId) network.one@0.29.14(networkId) network.remove@0.29.14(networkId)
network.resync@0.30.3(networkId) notification.all() notification.createCustom@0.26.0(appBuildError appDeploy
databaseBackup dockerCleanup dokployBackup@0.29.0 dokployRestart endpoint headers name serverThreshold
volumeBackup@0.26.2) notification.createDiscord(appBuildError appDeploy databaseBackup decoration dockerCleanup
dokployBackup@0.29.0 dokployRestart name serverThreshold volumeBackup@0.26.0 webhookUrl)
notification.createEmail(appBuildError appDeploy databaseBackup dockerCleanup dokployBackup@0.29.0 dokployRestart
fromAddress name password serverThreshold smtpPort smtpServer toAddresses username volumeBackup@0.26.0)
notification.createGotify(appBuildError appDeploy appToken databaseBackup decoration dockerCleanup
dokployBackup@0.29.0 dokployRestart name priority serverThreshold@0.30.5 serverUrl volumeBackup@0.26.0)
notification.createLark@0.25.6(appBuildError appDeploy databaseBackup dockerCleanup dokployBackup@0.29.0
dokployRestart name serverThreshold volumeBackup@0.26.2 webhookUrl) notification.createMattermost@0.29.0(appBuildError
appDeploy channel databaseBackup dockerCleanup dokployBackup dokployRestart name serverThreshold username volumeBackup
webhookUrl) notification.createNtfy(accessToken appBuildError appDeploy databaseBackup dockerCleanup
dokployBackup@0.29.0 dokployRestart name priority serverThreshold@0.30.5 serverUrl topic volumeBackup@0.26.0)
notification.createPushover@0.26.7(apiToken appBuildError appDeploy databaseBackup dockerCleanup dokployBackup@0.29.0
dokployRestart expire name priority retry serverThreshold userKey volumeBackup)
notification.createResend@0.27.0(apiKey appBuildError appDeploy databaseBackup dockerCleanup dokployBackup@0.29.0
dokployRestart fromAddress name serverThreshold toAddresses volumeBackup) notification.createSlack(appBuildError
appDeploy channel databaseBackup dockerCleanup dokployBackup@0.29.0 dokployRestart name serverThreshold
volumeBackup@0.26.0 webhookUrl) notification.createTeams@0.27.1(appBuildError appDeploy databaseBackup dockerCleanup
dokployBackup@0.29.0 dokployRestart name serverThreshold volumeBackup webhookUrl)
notification.createTelegram(appBuildError appDeploy botToken chatId databaseBackup dockerCleanup dokployBackup@0.29.0
dokployRestart messageThreadId name serverThreshold volumeBackup@0.26.0) notification.one(notificationId)
notification.remove(notificationId) notification.testCustomConnection@0.26.0(endpoint headers)
notification.testDiscordConnection(decoration webhookUrl) notification.testEmailConnection(fromAddress password
smtpPort smtpServer toAddresses username) notification.testGotifyConnection(appToken decoration priority serverUrl)
notification.testLarkConnection@0.25.6(webhookUrl) notification.testMattermostConnection@0.29.0(channel username
webhookUrl) notification.testNtfyConnection(accessToken priority serverUrl topic)
notification.testPushoverConnection@0.26.7(apiToken expire priority retry userKey)
notification.testResendConnection@0.27.0(apiKey fromAddress toAddresses) notification.testSlackConnection(channel
webhookUrl) notification.testTeamsConnection@0.27.1(webhookUrl) notification.testTelegramConnection(botToken chatId
messageThreadId) notification.updateCustom@0.26.0(appBuildError appDeploy customId databaseBackup dockerCleanup
dokployBackup@0.29.0 dokployRestart endpoint headers name notificationId serverThreshold volumeBackup@0.26.2)
notification.updateDiscord(appBuildError appDeploy databaseBackup decoration discordId dockerCleanup
dokployBackup@0.29.0 dokployRestart name notificationId serverThreshold volumeBackup@0.26.0 webhookUrl)
notification.updateEmail(appBuildError appDeploy databaseBackup dockerCleanup dokployBackup@0.29.0 dokployRestart
emailId fromAddress name notificationId password serverThreshold smtpPort smtpServer toAddresses username
volumeBackup@0.26.0) notification.updateGotify(appBuildError appDeploy appToken databaseBackup decoration
dockerCleanup dokployBackup@0.29.0 dokployRestart gotifyId name notificationId priority serverThreshold@0.30.5
serverUrl volumeBackup@0.26.0) notification.updateLark@0.25.6(appBuildError appDeploy databaseBackup dockerCleanup
dokployBackup@0.29.0 dokployRestart larkId name notificationId serverThreshold volumeBackup@0.26.2 webhookUrl)
notification.updateMattermost@0.29.0(appBuildError appDeploy channel databaseBackup dockerCleanup dokployBackup
dokployRestart mattermostId name notificationId serverThreshold username volumeBackup webhookUrl)
notification.updateNtfy(accessToken appBuildError appDeploy databaseBackup dockerCleanup dokployBackup@0.29.0
dokployRestart name notificationId ntfyId priority serverThreshold@0.30.5 serverUrl topic volumeBackup@0.26.0)
notification.updatePushover@0.26.7(apiToken appBuildError appDeploy databaseBackup dockerCleanup dokployBackup@0.29.0
dokployRestart expire name notificationId priority pushoverId retry serverThreshold userKey volumeBackup)
notification.updateResend@0.27.0(apiKey appBuildError appDeploy databaseBackup dockerCleanup dokployBackup@0.29.0
dokployRestart fromAddress name notificationId resendId serverThreshold toAddresses volumeBackup)
notification.updateSlack(appBuildError appDeploy channel databaseBackup dockerCleanup dokployBackup@0.29.0
dokployRestart name notificationId serverThreshold slackId volumeBackup@0.26.0 webhookUrl)
notification.updateTeams@0.27.1(appBuildError appDeploy databaseBackup dockerCleanup dokployBackup@0.29.0
dokployRestart name notificationId serverThreshold teamsId volumeBackup webhookUrl)
notification.updateTelegram(appBuildError appDeploy botToken chatId databaseBackup dockerCleanup dokployBackup@0.29.0
dokployRestart messageThreadId name notificationId serverThreshold telegramId volumeBackup@0.26.0) organization.all()
organization.create(logo name) organization.delete(organizationId) organization.setDefault@0.25.7(organizationId)
organization.update(defaultRole@0.30.0 logo name organizationId) organization.updateMemberRole@0.26.0(memberId role)
patch.byEntityId@0.28.0(id type) patch.create@0.28.0(applicationId content filePath type) patch.delete@0.28.0(patchId)
patch.update@0.28.0(content enabled filePath patchId type) port.create(applicationId protocol publishMode
publishedPort targetPort) port.delete(portId) port.update(portId protocol publishMode publishedPort targetPort)
postgres.changePassword@0.29.0(password postgresId) postgres.changeStatus(applicationStatus postgresId)
postgres.create(appName databaseName databasePassword databaseUser description dockerImage environmentId name
serverId) postgres.deploy(postgresId) postgres.one(postgresId) postgres.readLogs@0.29.0(postgresId search since tail)
postgres.rebuild(postgresId) postgres.reload(appName postgresId) postgres.remove(postgresId)
postgres.start(postgresId) postgres.stop(postgresId) postgres.update(args@0.26.0 command cpuLimit cpuReservation
databaseName databasePassword databaseUser description detachDokployNetwork@0.29.14 dockerImage
endpointSpecSwarm@0.25.7 env environmentId externalPort healthCheckSwarm labelsSwarm memoryLimit memoryReservation
modeSwarm name networkIds@0.29.14 networkSwarm placementSwarm postgresId replicas restartPolicySwarm
rollbackConfigSwarm stopGracePeriodSwarm@0.25.5 ulimitsSwarm@0.27.0 updateConfigSwarm)
previewDeployment.all(applicationId) previewDeployment.delete(previewDeploymentId)
previewDeployment.one(previewDeploymentId) previewDeployment.redeploy@0.26.4(description previewDeploymentId title)
project.all() project.completeOnboarding@0.30.5() project.create(description env name)
project.onboardingStatus@0.30.5() project.one(projectId) project.remove(projectId) project.update(description env name
projectId) redirects.create(applicationId permanent regex replacement) redirects.delete(redirectId)
redirects.update(permanent redirectId regex replacement) redis.changeStatus(applicationStatus redisId)
redis.create(appName databasePassword description dockerImage environmentId name serverId) redis.deploy(redisId)
redis.one(redisId) redis.readLogs@0.29.0(redisId search since tail) redis.rebuild(redisId) redis.reload(appName
redisId) redis.remove(redisId) redis.start(redisId) redis.stop(redisId) redis.update(args@0.26.0 command cpuLimit
cpuReservation databasePassword description detachDokployNetwork@0.29.14 dockerImage endpointSpecSwarm@0.25.7 env
environmentId externalPort healthCheckSwarm labelsSwarm memoryLimit memoryReservation modeSwarm name
networkIds@0.29.14 networkSwarm placementSwarm redisId replicas restartPolicySwarm rollbackConfigSwarm
stopGracePeriodSwarm@0.25.5 ulimitsSwarm@0.27.0 updateConfigSwarm) registry.all() registry.create(imagePrefix password
registryName registryType registryUrl username) registry.remove(registryId) registry.testRegistry(imagePrefix password
registryName registryType registryUrl username) registry.update(imagePrefix password registryId registryName
registryUrl username) rollback.rollback(rollbackId) schedule.create(applicationId command composeId cronExpression
description@0.29.3 enabled name scheduleType script serverId serviceName shellType timezone@0.26.0)
schedule.delete(scheduleId) schedule.list(id scheduleType) schedule.runManually(scheduleId) schedule.update(command
cronExpression description@0.29.3 enabled name scheduleId script serviceName shellType timezone@0.26.0)
security.create(applicationId password username) security.delete(securityId) security.update(password securityId
username) server.all() server.buildServers@0.26.0() server.create(description enableDockerCleanup@0.29.8 ipAddress
name port serverType@0.26.0 sshKeyId username) server.getServices@0.30.5(serverId) server.remove(serverId)
server.update(command description enableDockerCleanup@0.29.8 ipAddress name port serverId serverType@0.26.0 sshKeyId
username) server.updateBuildsConcurrency@0.29.9(buildsConcurrency serverId) server.validate(serverId)
settings.assignDomainServer(certificateType host https letsEncryptEmail) settings.cleanAll()
settings.cleanAllDeploymentQueue@0.27.0() settings.cleanDockerBuilder() settings.cleanDockerPrune()
settings.cleanMonitoring() settings.cleanStoppedContainers() settings.cleanUnusedImages()
settings.cleanUnusedVolumes() settings.getDokployVersion() settings.getOpenApiDocument() settings.getTraefikPorts()
settings.getWebServerSettings@0.26.3() settings.haveActivateRequests() settings.haveTraefikDashboardPortEnabled()
settings.health() settings.readDirectories() settings.readMiddlewareTraefikConfig() settings.readTraefikConfig()
settings.readTraefikEnv() settings.readTraefikFile(path serverId) settings.reloadServer() settings.reloadTraefik()
settings.toggleDashboard(enableDashboard) settings.toggleRequests(enable)
settings.updateBuildsConcurrency@0.29.9(buildsConcurrency) settings.updateDockerCleanup(enableDockerCleanup)
settings.updateLogCleanup(cronExpression) settings.updateMiddlewareTraefikConfig(traefikConfig)
settings.updateServerIp@0.26.3(serverIp) settings.updateTraefikConfig(traefikConfig) settings.updateTraefikFile(path
serverId traefikConfig) settings.updateTraefikPorts(additionalPorts) settings.writeTraefikEnv(env) sshKey.all()
sshKey.allForApps@0.29.0() sshKey.create(description name organizationId privateKey publicKey) sshKey.generate(type)
sshKey.remove(sshKeyId) sshKey.update(description name sshKeyId) tag.all@0.29.0() tag.bulkAssign@0.29.0(projectId
tagIds) tag.create@0.29.0(color name) tag.remove@0.29.0(tagId) tag.update@0.29.0(color name tagId) user.all()
user.assignPermissions(accessedEnvironments accessedGitProviders@0.29.0 accessedProjects accessedServers@0.29.0
accessedServices canAccessToAPI canAccessToDocker canAccessToGitProviders canAccessToSSHKeys canAccessToTraefikFiles
canCreateEnvironments@0.25.5 canCreateProjects canCreateServices canDeleteEnvironments@0.25.5 canDeleteProjects
canDeleteServices id) user.createApiKey(expiresIn metadata name prefix rateLimitEnabled rateLimitMax
rateLimitTimeWindow refillAmount refillInterval remaining) user.createUserWithCredentials@0.29.0(email password role)
user.deleteApiKey(apiKeyId) user.get() user.getBackups() user.remove(userId) vaultProvider.all@0.30.0()
vaultProvider.create@0.30.0(assignments config name) vaultProvider.remove@0.30.0(vaultProviderId)
vaultProvider.testConnection@0.30.0(config vaultProviderId) vaultProvider.update@0.30.0(assignments config name
vaultProviderId) volumeBackups.create(applicationId composeId cronExpression destinationId enabled keepLatestCount
libsqlId@0.29.0 mariadbId mongoId mysqlId name postgresId prefix redisId serviceName serviceType turnOff volumeName)
volumeBackups.delete(volumeBackupId) volumeBackups.list(id volumeBackupType) volumeBackups.runManually(volumeBackupId)
volumeBackups.update(cronExpression destinationId enabled keepLatestCount name prefix serviceName turnOff
volumeBackupId volumeName)
"""
