import { type QueryClient, queryOptions, useQuery } from '@tanstack/react-query'
import type { Seen } from './client'
import { api } from './endpoints'
import { Freshness, newer } from './freshness'
import type { Application, Deployment, Permission, Topic } from './types'

/** How far the changes of each workspace were seen in this tab. */
export const freshness = new Freshness()

/** Keys of everything that is cached, so that a change finds exactly what it makes old. */
export const keys = {
  profile: ['profile'] as const,
  workspaces: ['workspaces'] as const,
  deployments: (ws: string) => ['workspace', ws, 'deployments'] as const,
  topics: (ws: string) => ['workspace', ws, 'topics'] as const,
  applications: (ws: string) => ['workspace', ws, 'applications'] as const,
  tags: (ws: string, application: string) => ['workspace', ws, 'application', application, 'tags'] as const,
  commits: (ws: string, application: string) => ['workspace', ws, 'application', application, 'commits'] as const,
  usualTopic: (ws: string) => ['usual-topic', ws] as const,
  may: (ws: string, { resourceType, permission }: Permission) => ['may', ws, resourceType, permission] as const,
  /** Everything about one deployment that is read beside the list. */
  deployment: (ws: string, id: string) => ['workspace', ws, 'deployment', id] as const,
  replicas: (ws: string, id: string) => ['workspace', ws, 'deployment', id, 'replicas'] as const,
}

export const profileQuery = queryOptions({
  queryKey: keys.profile,
  queryFn: ({ signal }) => api.profile(signal),
  staleTime: Infinity,
})

export const workspacesQuery = queryOptions({
  queryKey: keys.workspaces,
  queryFn: ({ signal }) => api.workspaces(signal),
  staleTime: 60_000,
})

async function readList<T>(client: QueryClient, key: readonly unknown[], ws: string, ask: () => Promise<Seen<T>>) {
  return newer(client.getQueryData<Seen<T>>(key), await freshness.read(ws, ask))
}

export function deploymentsQuery(ws: string) {
  const queryKey = keys.deployments(ws)
  return queryOptions<Seen<Deployment[]>>({
    queryKey,
    queryFn: ({ signal, client }) => readList(client, queryKey, ws, () => api.deployments(ws, signal)),
    staleTime: Infinity,
  })
}

export function topicsQuery(ws: string) {
  const queryKey = keys.topics(ws)
  return queryOptions<Seen<Topic[]>>({
    queryKey,
    queryFn: ({ signal, client }) => readList(client, queryKey, ws, () => api.topics(ws, signal)),
    staleTime: Infinity,
  })
}

export function applicationsQuery(ws: string) {
  const queryKey = keys.applications(ws)
  return queryOptions<Seen<Application[]>>({
    queryKey,
    queryFn: ({ signal, client }) => readList(client, queryKey, ws, () => api.applications(ws, signal)),
    staleTime: Infinity,
  })
}

export function tagsQuery(ws: string, application: string) {
  return queryOptions({ queryKey: keys.tags(ws, application), queryFn: ({ signal }) => api.tags(ws, application, signal) })
}

export function commitsQuery(ws: string, application: string) {
  return queryOptions({ queryKey: keys.commits(ws, application), queryFn: ({ signal }) => api.commits(ws, application, signal) })
}

export function replicasQuery(ws: string, id: string) {
  return queryOptions({
    queryKey: keys.replicas(ws, id),
    queryFn: ({ signal }) => api.replicas(id, signal),
    staleTime: Infinity,
  })
}

export function usualTopicQuery(ws: string) {
  return queryOptions({ queryKey: keys.usualTopic(ws), queryFn: ({ signal }) => api.usualTopic(ws, signal), staleTime: Infinity })
}

/** Whether the person may do something. Until it is known, yes: the platform refuses in any case. */
export function useMay(ws: string, what: Permission): boolean {
  return useQuery({ queryKey: keys.may(ws, what), queryFn: ({ signal }) => api.may(ws, what, signal), staleTime: 60_000 }).data ?? true
}
