import { isLevel, type LogQuery, type LogScope } from '@/api/log-query'

/** What the address says of the logs that are shown. */
export interface LogsSearch {
  version?: string
  replica?: string
  attempt?: string
  /** Replicas beside each other. */
  split?: boolean
  mode?: 'search'
  find?: string
  regex?: boolean
  caseSensitive?: boolean
  level?: string
  /** The last while, as `PAST` names it. */
  since?: string
  from?: string
  to?: string
  context?: string
}

const MINUTE = 60_000

export const PAST: { id: string; label: string; ms: number }[] = [
  { id: '15m', label: 'the last 15 minutes', ms: 15 * MINUTE },
  { id: '1h', label: 'the last hour', ms: 60 * MINUTE },
  { id: '6h', label: 'the last 6 hours', ms: 360 * MINUTE },
  { id: '24h', label: 'the last 24 hours', ms: 1_440 * MINUTE },
  { id: '7d', label: 'the last 7 days', ms: 10_080 * MINUTE },
]

export const CONTEXTS = [0, 2, 5, 10]
export const PAGE = 100

function number(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

function time(text: string | undefined): string | undefined {
  const at = Date.parse(text ?? '')
  return Number.isNaN(at) ? undefined : new Date(at).toISOString()
}

/** The part without what is not given. */
function given<T extends object>(part: T): T {
  return Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined)) as T
}

/** Which output is meant. A run is one of a replica and a version. */
export function scopeOf({ version, replica, attempt }: LogsSearch): LogScope {
  return given({ version: number(version), replica: number(replica), attempt: replica === undefined ? undefined : number(attempt) })
}

export function contextOf({ context }: LogsSearch): number {
  const lines = number(context)
  return lines !== undefined && CONTEXTS.includes(lines) ? lines : 0
}

/** Whether anything is looked for. */
export function asks({ find, level, since, from, to }: LogsSearch): boolean {
  return Boolean(find || isLevel(level) || since || time(from) || time(to))
}

/** What the platform is asked. */
export function queryOf(search: LogsSearch, now: number): LogQuery {
  const past = PAST.find(({ id }) => id === search.since)
  return {
    ...scopeOf(search),
    find: search.find ?? '',
    ...(search.regex && { regex: true }),
    ...(search.caseSensitive && { caseSensitive: true }),
    ...(isLevel(search.level) && { level: search.level }),
    ...given({ from: past ? new Date(now - past.ms).toISOString() : time(search.from), to: past ? undefined : time(search.to) }),
    source: 'run',
    context: contextOf(search),
    limit: PAGE,
  }
}

/** What is marked in the lines that were found; nothing where this browser cannot read the expression. */
export function wantedOf({ find, regex, caseSensitive }: LogsSearch): RegExp | undefined {
  if (!find) return undefined
  try {
    return new RegExp(regex ? find : find.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`), caseSensitive ? 'gu' : 'giu')
  } catch {
    return undefined
  }
}

/** A time as an input of the browser has it, in local time. */
export function localInput(iso: string | undefined): string {
  const at = new Date(iso ?? '')
  if (Number.isNaN(at.getTime())) return ''
  return new Date(at.getTime() - at.getTimezoneOffset() * MINUTE).toISOString().slice(0, 16)
}
