import type { components } from './generated/schema'

type Schemas = components['schemas']

/** Words that the API's document leaves open, as they stand in its descriptions. */
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

export type CleanupPolicy = 'Delete' | 'Compact' | 'DeleteAndCompact'
export type TopicStatus = 'Creating' | 'Ready' | 'Deleting' | 'Error'

export type HealthCheck = Schemas['HealthCheck']
export type Rollback = Schemas['Rollback']
export type Deployment = Omit<Schemas['Deployment'], 'status'> & { status: DeploymentStatus }
export type Variable = Schemas['DeploymentVariable']

/** What holds a replica within its bounds, as the kernel says; nothing is not limited. */
export interface Limits {
  cpuMillicores: number | null
  memoryBytes: number | null
  processes: number | null
  openFiles: number | null
  enforcedBy: 'cgroup2' | 'cgroup1' | 'rlimit' | 'none'
  note: string | null
}

interface Held {
  limits?: Limits | null
  state?: { usedBytes: number; limitBytes: number } | null
  outOfMemory?: boolean
}

export type Replica = Omit<Schemas['Replica'], keyof Held> & Held

export type Outcome = 'Pending' | 'Healthy' | 'Unhealthy' | 'BuildFailed' | 'RolledBack'
export type VersionChange = Schemas['FieldChange']
/** What once was wanted, and what came of it. */
export type Version = Omit<Schemas['DeploymentVersion'], 'outcome'> & { outcome: Outcome }
/** What differs between two versions. */
export type VersionDifference = Schemas['VersionChanges']

export interface BuildStep {
  name: string
  startedAt: string | null
  endedAt: string | null
  seconds: number | null
  status: 'Running' | 'Succeeded' | 'Failed'
}

export interface Build {
  buildId: string
  version: number
  status: 'Queued' | 'Running' | 'Succeeded' | 'Failed' | 'Cancelled'
  reason: string | null
  /** In the queue, from 1. */
  position: number | null
  createdAt: string
  startedAt: string | null
  endedAt: string | null
  /** The environment stood already. */
  cached: boolean | null
  steps: BuildStep[]
  failingLine: { text: string; offset: number } | null
}

/** A run of a replica whose output is kept. */
export type Run = Schemas['Run']

/** Figures over time: `[epoch in ms, least, mean, most]`; where nothing was measured there is no point. */
export type MetricPoint = [number, number, number, number]

export type MetricSeries = Omit<Schemas['MetricSeries'], 'points'> & { points: MetricPoint[] }
export type Metrics = Omit<Schemas['Metrics'], 'series'> & { series: MetricSeries[] }

export interface GroupPartition {
  partition: number
  committed: number | null
  end: number
  lag: number | null
  memberId: string | null
  clientId: string | null
  deploymentId?: string | null
  replica?: number | null
}

/** A consumer group, with how far it is behind in one topic. */
export interface Group {
  group: string
  topic?: string
  state: string
  members: number
  deploymentIds: string[]
  /** In records; unknown where nothing was committed. */
  lag: number | null
  partitions: GroupPartition[]
}

export type TopicConfiguration = Omit<Schemas['TopicConfiguration'], 'cleanupPolicy'> & { cleanupPolicy: CleanupPolicy }
/** What a topic holds; older platforms leave it out. */
interface Holding {
  /** An estimate where keys are compacted. */
  records?: number
  bytes?: number
  lastRecordAt?: string | null
}
export type Topic = Omit<Schemas['Topic'], 'status' | 'configuration' | keyof Holding> & { status: TopicStatus; configuration: TopicConfiguration } & Holding
export type CreateTopic = Schemas['CreateTopic']
export type UpdateTopic = Schemas['UpdateTopic']
/** A variable as `app.yaml` declares it. */
export interface DeclaredVariable {
  name: string
  inputType: string
  description?: string
  defaultValue?: string
  required: boolean
  multiline?: boolean
  options?: { label: string; value: string }[]
}

export type Application = Omit<Schemas['Application'], 'variables'> & { variables: DeclaredVariable[] }
export type Commit = Schemas['Commit']
export type Tag = Schemas['Tag']
export type WantedDeployment = Schemas['WantedDeployment']
export type Workspace = Schemas['Workspace']
export type Profile = Schemas['Profile']

/** Something that a person may or may not do in a workspace. */
export interface Permission {
  resourceType: 'Topic' | 'Deployment'
  permission: 'Create' | 'Update' | 'Delete'
}
