import { expect, it } from 'vitest'
import type { LogEntry } from '@/live/protocol'
import { KEPT, LogBuffer } from './log-buffer'

const now = (run: () => void) => run()
const line = (text: string, rest: Partial<LogEntry> = {}): LogEntry => ({ time: '2026-01-31T12:00:00Z', stream: 'out', text, ...rest })
const texts = (buffer: LogBuffer) => buffer.visible.map((row) => (row.kind === 'line' ? row.entry.text : `— ${row.text}`))

it('marks where a run of a replica begins', () => {
  const buffer = new LogBuffer(now)
  buffer.append([line('a', { replica: 0, version: 1, attempt: 1 }), line('b', { replica: 1, version: 1, attempt: 1 })])
  buffer.append([line('c', { replica: 0, version: 1, attempt: 1 }), line('d', { replica: 0, version: 1, attempt: 2 })])
  expect(texts(buffer)).toEqual(['— replica 0 · version 1 · run 1', 'a', '— replica 1 · version 1 · run 1', 'b', 'c', '— replica 0 · version 1 · run 2', 'd'])
  expect(buffer.replicas).toBe(2)
})

it('stands still while paused and counts what passed', () => {
  const buffer = new LogBuffer(now)
  buffer.append([line('a')])
  buffer.pause(true)
  buffer.append([line('b'), line('c')])
  expect(texts(buffer)).toEqual(['a'])
  expect(buffer.passed).toBe(2)
  buffer.pause(false)
  expect(texts(buffer)).toEqual(['a', 'b', 'c'])
  expect(buffer.passed).toBe(0)
})

it('filters what there is and what arrives, in any case', () => {
  const buffer = new LogBuffer(now)
  buffer.append([line('Error one'), line('fine')])
  buffer.filter('ERROR')
  buffer.append([line('another error'), line('fine too')])
  expect(texts(buffer)).toEqual(['Error one', 'another error'])
  buffer.filter('')
  expect(texts(buffer)).toHaveLength(4)
})

it('keeps the newest and lets the oldest go', () => {
  const buffer = new LogBuffer(now)
  buffer.append(Array.from({ length: KEPT }, (_, i) => line(`old ${i}`)))
  buffer.append([line('new')])
  expect(buffer.size).toBe(KEPT)
  expect(buffer.dropped).toBe(1)
  expect(texts(buffer)[0]).toBe('old 1')
  expect(texts(buffer).at(-1)).toBe('new')
})

it('gathers what arrives in one moment into one drawing', () => {
  const due: (() => void)[] = []
  const buffer = new LogBuffer((run) => due.push(run))
  let drawn = 0
  buffer.subscribe(() => (drawn += 1))
  buffer.append([line('a')])
  buffer.append([line('b')])
  expect(due).toHaveLength(1)
  due[0]?.()
  expect(drawn).toBe(1)
})
