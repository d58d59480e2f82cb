import type { LogEntry } from '@/live/protocol'

export const LEVELS = ['error', 'warning', 'info', 'debug'] as const
export type Level = (typeof LEVELS)[number]

export function isLevel(value: unknown): value is Level {
  return LEVELS.includes(value as Level)
}

/** Which output is meant: of all replicas and runs, or of one. */
export interface LogScope {
  version?: number
  replica?: number
  attempt?: number
}

export interface LogQuery extends LogScope {
  find: string
  regex?: boolean
  caseSensitive?: boolean
  /** That or worse. */
  level?: Level
  from?: string
  to?: string
  source: 'run' | 'build'
  context: number
  limit: number
  cursor?: string
}

export interface LogMatch {
  entry: LogEntry
  before: LogEntry[]
  after: LogEntry[]
}

export interface LogSearchAnswer {
  matches: LogMatch[]
  /** Where to go on; nothing when there is no more. */
  cursor: string | null
  scannedBytes: number
  /** Whether all was looked at that one call could look at. */
  complete: boolean
}

/** The query's members as the API names them; what is empty is left out. */
export function logQuery({ find, regex, ...rest }: LogQuery): Record<string, string | number | boolean> {
  const named = { ...rest, ...(find && { [regex ? 'regex' : 'text']: find }) }
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined && value !== '' && value !== false)) as Record<string, string>
}

/** The address from which the output is downloaded. */
export function downloadUrl(deploymentId: string, scope: LogScope & { from?: string; to?: string; source: 'run' | 'build' }): string {
  const query = new URLSearchParams({ timestamps: 'true' })
  for (const [name, value] of Object.entries(scope)) if (value !== undefined) query.set(name, String(value))
  return `/deployments/${encodeURIComponent(deploymentId)}/logs/download?${query}`
}
