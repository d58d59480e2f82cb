import { body, client, type Seen, seen } from './client'
import type { Deployment, Topic } from './types'

const of = (deploymentId: string) => ({ params: { path: { deploymentId } } })
const inWorkspace = (workspaceId: string) => ({ params: { path: { workspaceId } } })

/** Every request that the Portal makes, one function each. */
export const api = {
  signIn: (link: string) => body(client.POST('/auth/sessions', { body: { link } })),
  signOut: () => body(client.DELETE('/auth/sessions')),
  profile: (signal?: AbortSignal) => body(client.GET('/profile', { signal })),
  workspaces: (signal?: AbortSignal) => body(client.GET('/workspaces', { signal })),
  deployments: (ws: string, signal?: AbortSignal) =>
    seen(client.GET('/workspaces/{workspaceId}/deployments', { ...inWorkspace(ws), signal })) as Promise<Seen<Deployment[]>>,
  topics: (ws: string, signal?: AbortSignal) =>
    seen(client.GET('/{workspaceId}/topics', { ...inWorkspace(ws), signal })) as Promise<Seen<Topic[]>>,
  replicas: (id: string, signal?: AbortSignal) => body(client.GET('/deployments/{deploymentId}/replicas', { ...of(id), signal })),
  start: (id: string) => body(client.PUT('/deployments/{deploymentId}/start', of(id))),
  stop: (id: string) => body(client.PUT('/deployments/{deploymentId}/stop', of(id))),
  remove: (id: string) => body(client.DELETE('/deployments/{deploymentId}', of(id))),
}
