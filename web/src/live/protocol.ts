/** The live socket's frames; see docs/reference/live.md. */

export type Open =
  | { kind: 'changes'; workspaceId: string; after?: number }
  | { kind: 'rates'; workspaceId: string }
  | { kind: 'logs'; deploymentId: string; source?: 'build'; version?: number; replica?: number; attempt?: number; cursor?: string }
  | { kind: 'messages'; workspaceId: string; topic: string; cursor?: string }

export interface LiveError {
  code: string
  message: string
  hint?: string
  requestId?: string
}

export type ServerFrame =
  | { op: 'ping' }
  | { ch: number; op: 'opened'; cursor?: string }
  | { ch: number; op: 'event'; cursor?: string; data: unknown }
  | { ch: number; op: 'reset'; cursor?: string }
  | { ch: number; op: 'error'; error: LiveError }
  | { ch: number; op: 'closed' }

export interface Change {
  workspaceId: string
  seq: number
  kind: 'workspace' | 'topic' | 'application' | 'deployment' | 'token'
  id: string
  /** −1: the object is gone. */
  revision: number
}

export interface LogEntry {
  replica?: number
  version?: number
  attempt?: number
  time: string
  stream: 'out' | 'err' | 'platform'
  level?: 'error' | 'warning' | 'info' | 'debug'
  text: string
}

export interface TopicRates {
  bytesInPerSecond: number
  bytesOutPerSecond: number
  recordsInPerSecond: number
}

/** What a deployment does now; `lag` is in records and nothing where it is unknown. */
export interface DeploymentRates extends Usage {
  restarts?: number
  lag?: number | null
  replicas: (Usage & { index: number; restarts?: number })[]
}

export interface Usage {
  cpuMillicores: number
  memoryBytes: number
}

export interface Rates {
  time: string
  topics: Record<string, TopicRates>
  deployments: Record<string, DeploymentRates>
}

export type Content = { json: unknown } | { text: string } | { base64: string }

export interface TopicMessage {
  partition: number
  offset: number
  time: string
  key: Content | null
  value: Content | null
  headers: [string, Content | null][]
  size: number
}

export interface MessageBatch {
  records: TopicMessage[]
  skipped: number
}
