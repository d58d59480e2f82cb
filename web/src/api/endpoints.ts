import { body, client, type Seen, seen } from './client'
import type { Application, CreateTopic, Deployment, Permission, Replica, Topic, TopicConfiguration, UpdateTopic, WantedDeployment } from './types'

const of = (deploymentId: string) => ({ params: { path: { deploymentId } } })
const inWorkspace = (workspaceId: string) => ({ params: { path: { workspaceId } } })
const ofTopic = (workspaceId: string, topic: string) => ({ params: { path: { workspaceId, topic } } })
const ofApplication = (workspaceId: string, applicationId: string) => ({ params: { path: { workspaceId, applicationId } } })

/** Requests that the first screen and the lists make, one function each; `details.ts` has the others. */
export const api = {
  signIn: (link: string) => body(client.POST('/auth/sessions', { body: { link } })),
  signOut: () => body(client.DELETE('/auth/sessions')),
  profile: (signal?: AbortSignal) => body(client.GET('/profile', { signal })),
  workspaces: (signal?: AbortSignal) => body(client.GET('/workspaces', { signal })),
  deployments: (ws: string, signal?: AbortSignal) =>
    seen(client.GET('/workspaces/{workspaceId}/deployments', { ...inWorkspace(ws), signal })) as Promise<Seen<Deployment[]>>,
  topics: (ws: string, signal?: AbortSignal) =>
    seen(client.GET('/{workspaceId}/topics', { ...inWorkspace(ws), signal })) as Promise<Seen<Topic[]>>,
  applications: (ws: string, signal?: AbortSignal) =>
    seen(client.GET('/{workspaceId}/applications', { ...inWorkspace(ws), signal })) as Promise<Seen<unknown>> as Promise<Seen<Application[]>>,
  tags: (ws: string, application: string, signal?: AbortSignal) =>
    body(client.GET('/{workspaceId}/applications/{applicationId}/tags', { ...ofApplication(ws, application), signal })),
  commits: (ws: string, application: string, signal?: AbortSignal) =>
    body(client.GET('/{workspaceId}/applications/{applicationId}/commits', { ...ofApplication(ws, application), signal })),
  deploy: (wanted: WantedDeployment) => body(client.POST('/deployments', { body: wanted })) as Promise<Deployment>,
  updateDeployment: (id: string, change: WantedDeployment) =>
    body(client.PATCH('/deployments/{deploymentId}', { ...of(id), body: change })) as Promise<Deployment>,
  may: (ws: string, { resourceType, permission }: Permission, signal?: AbortSignal) =>
    body(client.GET('/auth/permissions/query', { params: { query: { resourceType, permission, resourceId: ws } }, signal })),
  usualTopic: (ws: string, signal?: AbortSignal) =>
    body(client.GET('/{workspaceId}/topics/config/default', { ...inWorkspace(ws), signal })) as Promise<TopicConfiguration>,
  createTopic: (ws: string, topic: CreateTopic) => body(client.POST('/{workspaceId}/topics', { ...inWorkspace(ws), body: topic })) as Promise<Topic>,
  updateTopic: (ws: string, name: string, change: UpdateTopic) =>
    body(client.PATCH('/{workspaceId}/topics/{topic}', { ...ofTopic(ws, name), body: change })) as Promise<Topic>,
  removeTopic: (ws: string, topic: string, force: boolean) =>
    body(client.DELETE('/{workspaceId}/topics/{topic}', { params: { path: { workspaceId: ws, topic }, query: { force } } })),
  cleanTopic: (ws: string, name: string) => body(client.POST('/{workspaceId}/topics/{topic}/clean', ofTopic(ws, name))),
  retryTopic: (ws: string, name: string) => body(client.POST('/{workspaceId}/topics/{topic}/clear-error', ofTopic(ws, name))),
  replicas: (id: string, signal?: AbortSignal) =>
    body(client.GET('/deployments/{deploymentId}/replicas', { ...of(id), signal })) as Promise<Replica[]>,
  start: (id: string) => body(client.PUT('/deployments/{deploymentId}/start', of(id))),
  stop: (id: string) => body(client.PUT('/deployments/{deploymentId}/stop', of(id))),
  remove: (id: string) => body(client.DELETE('/deployments/{deploymentId}', of(id))),
}
