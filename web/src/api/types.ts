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

export type Deployment = Omit<Schemas['Deployment'], 'status'> & { status: DeploymentStatus }
export type Variable = Schemas['DeploymentVariable']
export type Replica = Schemas['Replica']
export type TopicConfiguration = Omit<Schemas['TopicConfiguration'], 'cleanupPolicy'> & { cleanupPolicy: CleanupPolicy }
export type Topic = Omit<Schemas['Topic'], 'status' | 'configuration'> & { status: TopicStatus; configuration: TopicConfiguration }
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
