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
export type Workspace = Schemas['Workspace']
export type Profile = Schemas['Profile']

/** Something that a person may or may not do in a workspace. */
export interface Permission {
  resourceType: 'Topic' | 'Deployment'
  permission: 'Create' | 'Update' | 'Delete'
}
