import { call, callSeen } from './client'
import type { Deployment, Profile, Replica, Topic, Workspace } from './types'

const at = encodeURIComponent

/** Every request that the Portal makes, one function each. */
export const api = {
  signIn: (link: string) => call<void>('/auth/sessions', { method: 'POST', body: { link } }),
  signOut: () => call<void>('/auth/sessions', { method: 'DELETE' }),
  profile: (signal?: AbortSignal) => call<Profile>('/profile', { signal }),
  workspaces: (signal?: AbortSignal) => call<Workspace[]>('/workspaces', { signal }),
  deployments: (ws: string, signal?: AbortSignal) =>
    callSeen<Deployment[]>(`/workspaces/${at(ws)}/deployments`, { signal }),
  topics: (ws: string, signal?: AbortSignal) => callSeen<Topic[]>(`/${at(ws)}/topics`, { signal }),
  replicas: (id: string, signal?: AbortSignal) => call<Replica[]>(`/deployments/${at(id)}/replicas`, { signal }),
  start: (id: string) => call<Deployment>(`/deployments/${at(id)}/start`, { method: 'PUT' }),
  stop: (id: string) => call<Deployment>(`/deployments/${at(id)}/stop`, { method: 'PUT' }),
  remove: (id: string) => call<void>(`/deployments/${at(id)}`, { method: 'DELETE' }),
}
