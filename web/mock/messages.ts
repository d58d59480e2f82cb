import type { TopicMessage } from '../src/live/protocol'

/** Records that a topic holds, a second apart, in one partition. */
const HELD = 1_400
const START = Date.UTC(2026, 0, 31, 11)

function recordAt(offset: number, partition: number): TopicMessage {
  const value = { machine: `node-${offset % 5}`, cpu: 10 + (offset % 13), memory: { used: 41.9, free: 58.1 }, tags: ['rack-2', 'linux'] }
  return {
    partition,
    offset,
    time: new Date(START + offset * 1_000).toISOString(),
    key: { text: `node-${offset % 5}` },
    value: offset % 97 === 96 ? null : { json: value },
    headers: [['source', { text: `gateway-${offset % 4}` }]],
    size: 96 + (offset % 20),
  }
}

/** Records from where it is asked, the oldest first. */
export function messagesOf(_: string, query: URLSearchParams): TopicMessage[] {
  const limit = Number(query.get('limit') ?? 50)
  const from = query.get('from')
  const offset = query.get('offset')
  const partition = Number(query.get('partition') ?? 0)
  const first = offset !== null ? Number(offset) : from === 'oldest' ? 0 : from && from !== 'newest' ? Math.max(0, Math.ceil((Date.parse(from) - START) / 1_000)) : HELD - limit
  return Array.from({ length: Math.max(0, Math.min(limit, HELD - first)) }, (_each, i) => recordAt(first + i, partition))
}
