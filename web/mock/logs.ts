import type { LogMatch, LogSearchAnswer } from '../src/api/log-query'
import type { Deployment, Run } from '../src/api/types'
import type { LogEntry } from '../src/live/protocol'

const TEXTS: [NonNullable<LogEntry['level']>, string][] = [
  ['info', '[INFO] [machine_averages] : window closed, 12 readings of node-1'],
  ['info', '[INFO] [quixstreams] : committed offset 48211 of partition 0'],
  ['debug', '[DEBUG] [machine_averages] : mean=41.93 stddev=0.42'],
  ['warning', '[WARNING] [machine_averages] : late reading of node-3, 2.3 s behind the window'],
  ['info', '[INFO] [machine_averages] : window closed, 11 readings of node-2'],
  ['error', 'ERROR: could not reach http://erp.acme.test/orders: connection refused, trying again in 5 s'],
]
const ALL = 1_200
const EVERY = 7_000

/** Runs whose output is kept: the present one and two before it, of each replica. */
export function runsOf(deployment: Deployment): Run[] {
  const { version, replicas, restartCount } = deployment
  const began = Date.now() - 3 * 3_600_000
  const of = (at: number, replica: number, attempt: number, last: boolean): Run => ({
    id: `${at}-${replica}-${attempt}`,
    instanceId: `${at}-${replica}-${attempt}`,
    replicaId: `${deployment.name}-${at}-${replica}`,
    logsStored: true,
    logsDownloadUrl: `/deployments/${deployment.deploymentId}/runs/${at}-${replica}-${attempt}/logs`,
    version: at,
    replica,
    attempt,
    startTime: new Date(began + attempt * 900_000 - (version - at) * 80_000_000).toISOString(),
    endTime: last ? null : new Date(began + attempt * 900_000 + 800_000).toISOString(),
    exitCode: last ? null : 1,
    reason: last ? null : 'exit code 1',
    currentRun: last,
    bytes: 48_000 * attempt,
  })
  const attempts = Math.min(3, restartCount + 1)
  const now = Array.from({ length: replicas }, (_, replica) => Array.from({ length: attempts }, (_, i) => of(version, replica, restartCount + 1 - (attempts - 1 - i), i === attempts - 1))).flat()
  return version > 1 ? [of(version - 1, 0, 1, false), ...now] : now
}

function lineAt(deployment: Deployment, i: number): LogEntry {
  const [level, text] = TEXTS[i % TEXTS.length] as (typeof TEXTS)[number]
  return { replica: i % deployment.replicas, version: deployment.version, attempt: deployment.restartCount + 1, time: new Date(Date.now() - i * EVERY).toISOString(), stream: level === 'error' ? 'err' : 'out', level, text }
}

const RANK = ['error', 'warning', 'info', 'debug']

/** Lines that are like what is asked, the newest first; a call looks at 400 at most. */
export function searchLogs(deployment: Deployment, query: URLSearchParams): LogSearchAnswer {
  const [text, regex, level, from, to] = ['text', 'regex', 'level', 'from', 'to'].map((name) => query.get(name))
  const context = Number(query.get('context') ?? 0)
  const limit = Number(query.get('limit') ?? 100)
  const cased = query.get('caseSensitive') === 'true'
  const wanted = regex ? new RegExp(regex, cased ? '' : 'i') : undefined
  const fits = (entry: LogEntry) =>
    (!text || (cased ? entry.text.includes(text) : entry.text.toLowerCase().includes(text.toLowerCase()))) &&
    (!wanted || wanted.test(entry.text)) &&
    (!level || RANK.indexOf(entry.level ?? 'debug') <= RANK.indexOf(level)) &&
    (!from || entry.time >= from) &&
    (!to || entry.time <= to) &&
    (!query.has('replica') || String(entry.replica) === query.get('replica'))
  const start = Number(query.get('cursor') ?? 0)
  const matches: LogMatch[] = []
  let at = start
  for (; at < Math.min(ALL, start + 400) && matches.length < limit; at += 1) {
    const entry = lineAt(deployment, at)
    if (!fits(entry)) continue
    const around = (steps: number[]) => steps.map((step) => at + step).filter((i) => i >= 0 && i < ALL).map((i) => lineAt(deployment, i))
    const distances = Array.from({ length: context }, (_, i) => i + 1)
    matches.push({ entry, before: around(distances.toReversed()), after: around(distances.map((step) => -step)) })
  }
  return { matches, cursor: at < ALL ? String(at) : null, scannedBytes: (at - start) * 36_000, complete: matches.length >= limit || at >= ALL }
}
