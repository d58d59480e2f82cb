import type { TopicMessage } from '@/live/protocol'
import { body, client } from './client'
import { later } from './later'
import { type LogQuery, type LogSearchAnswer, logQuery } from './log-query'
import type { Build, Deployment, Group, Metrics, Run, Version, VersionDifference } from './types'

const of = (deploymentId: string) => ({ params: { path: { deploymentId } } })

/** A stretch of time, and into how many points it is thinned at most. */
export interface Span {
  from: string
  to: string
  points: number
}

/** Where reading begins: `newest`, `oldest`, a time, or an offset of a partition. */
export interface MessagesFrom {
  from?: string
  partition?: number
  offset?: number
  limit: number
}

/** Requests about one deployment or topic. Loaded with the page that wants them, not with the first screen. */
export const details = {
  versions: (id: string, signal?: AbortSignal) => body(client.GET('/deployments/{deploymentId}/versions', { ...of(id), signal })) as Promise<Version[]>,
  versionChanges: (deploymentId: string, version: number, against: number, signal?: AbortSignal): Promise<VersionDifference> =>
    body(client.GET('/deployments/{deploymentId}/versions/{version}/changes', { params: { path: { deploymentId, version }, query: { against } }, signal })),
  rollBack: (id: string, version: number) => body(client.POST('/deployments/{deploymentId}/rollback', { ...of(id), body: { version } })) as Promise<Deployment>,
  build: (id: string, signal?: AbortSignal) => body<Build>(later.GET('/deployments/{deploymentId}/build', { ...of(id), signal })),
  cancelBuild: (id: string) => body<Deployment>(later.PUT('/deployments/{deploymentId}/build/cancel', of(id))),
  runs: (id: string, signal?: AbortSignal) => body<Run[]>(client.GET('/deployments/{deploymentId}/runs', { ...of(id), signal })),
  searchLogs: (deploymentId: string, query: LogQuery, signal?: AbortSignal) =>
    body<LogSearchAnswer>(later.GET('/deployments/{deploymentId}/logs/search', { params: { path: { deploymentId }, query: logQuery(query) }, signal })),
  deploymentMetrics: (deploymentId: string, query: Span, signal?: AbortSignal) =>
    body(client.GET('/deployments/{deploymentId}/metrics', { params: { path: { deploymentId }, query }, signal })) as Promise<unknown> as Promise<Metrics>,
  topicMetrics: (workspaceId: string, topic: string, query: Span, signal?: AbortSignal) =>
    body(client.GET('/{workspaceId}/topics/{topic}/metrics', { params: { path: { workspaceId, topic }, query }, signal })) as Promise<unknown> as Promise<Metrics>,
  topicGroups: (workspaceId: string, topic: string, signal?: AbortSignal) =>
    body<Group[]>(later.GET('/{workspaceId}/topics/{topic}/groups', { params: { path: { workspaceId, topic } }, signal })),
  /** Moves where a group without members goes on in a topic. */
  moveGroup: (workspaceId: string, group: string, topic: string, to: 'earliest' | 'latest' | { time: string }) =>
    body<unknown>(later.POST('/{workspaceId}/groups/{group}/offsets', { params: { path: { workspaceId, group } }, body: { topic, to } })),
  deleteGroup: (workspaceId: string, group: string) => body<unknown>(later.DELETE('/{workspaceId}/groups/{group}', { params: { path: { workspaceId, group } } })),
  messages: (workspaceId: string, topic: string, query: MessagesFrom, signal?: AbortSignal) =>
    body(client.GET('/{workspaceId}/topics/{topic}/messages', { params: { path: { workspaceId, topic }, query }, signal })) as unknown as Promise<TopicMessage[]>,
}
