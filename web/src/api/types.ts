/** The Portal API's objects, as far as the Portal reads them. */

export type DeploymentStatus =
  | 'QueuedForBuild'
  | 'Building'
  | 'BuildFailed'
  | 'BuildSuccessful'
  | 'QueuedForDeployment'
  | 'Deploying'
  | 'DeploymentFailed'
  | 'Starting'
  | 'Running'
  | 'RuntimeError'
  | 'Stopping'
  | 'Stopped'
  | 'Completed'
  | 'Deleting'

export interface Variable {
  inputType: string
  value: string
  description?: string | null
  required?: boolean
}

export interface Deployment {
  deploymentId: string
  workspaceId: string
  applicationId: string
  applicationName: string
  name: string
  deploymentType: 'Service' | 'Job'
  status: DeploymentStatus
  statusReason?: string | null
  updateStatus?: string | null
  replicas: number
  runningReplicas: number
  cpuMillicores: number
  memoryInMb: number
  gitReference: string
  useLatest: boolean
  version: number
  revision: number
  latestOutOfSync: boolean
  applicationIsMissing: boolean
  restartCount: number
  publicAccess: boolean
  publicUrl?: string | null
  variables: Record<string, Variable>
  startedAt?: string | null
  createdAt: string
  updatedAt: string
}

export interface Replica {
  replicaId: string
  name: string
  index: number
  version: number
  attempt: number
  status: string
  reason?: string | null
  restarts: number
  startedAt?: string | null
  port?: number | null
  isolation?: { uid?: number | null; namespaces: boolean; landlock: boolean }
}

export interface Topic {
  id: string
  name: string
  workspaceId: string
  status: 'Creating' | 'Ready' | 'Deleting' | 'Error'
  lastError?: string | null
  configuration: {
    partitions: number
    replicationFactor: number
    retentionInMinutes: number
    retentionInBytes: number
    cleanupPolicy: 'Delete' | 'Compact' | 'DeleteAndCompact'
  }
  createdAt: string
}

export interface Workspace {
  workspaceId: string
  name: string
  repositoryId: string
  environmentName: string
  branch: string
  status: string
}

export interface Profile {
  userId: string
  firstName: string
  lastName: string
  email?: string | null
}
