import { expect, it } from 'vitest'
import type { TopicMessage } from '@/live/protocol'
import { asText, bytesOf, formsOf, hexDump, oneLine } from './content'
import { changeOf, differences, refusals } from './configuration'
import { KEPT, MessageBuffer } from './message-buffer'
import { refusedName } from './name'

const now = (run: () => void) => run()
const message = (offset: number): TopicMessage => ({ partition: 0, offset, time: '', key: null, value: null, headers: [], size: 0 })
const offsets = (buffer: MessageBuffer) => buffer.visible.map(({ offset }) => offset)

it('shows the newest message first', () => {
  const buffer = new MessageBuffer(now)
  buffer.push({ records: [message(1), message(2)], skipped: 0 })
  buffer.push({ records: [message(3)], skipped: 7 })
  expect(offsets(buffer)).toEqual([3, 2, 1])
  expect(buffer.skipped).toBe(7)
})

it('stands still while paused, counts all that passed, and keeps a bounded number', () => {
  const buffer = new MessageBuffer(now)
  buffer.push({ records: [message(1)], skipped: 0 })
  buffer.pause(true)
  buffer.push({ records: Array.from({ length: KEPT + 9 }, (_, i) => message(i + 2)), skipped: 5 })
  expect(offsets(buffer)).toEqual([1])
  expect(buffer.passed).toBe(KEPT + 14)
  buffer.pause(false)
  expect(buffer.visible).toHaveLength(KEPT)
  expect(offsets(buffer)[0]).toBe(KEPT + 10)
})

it('reads contents as JSON, text and bytes', () => {
  expect(oneLine({ json: { a: 1 } })).toBe('{"a":1}')
  expect(asText({ json: { a: 1 } })).toBe('{\n  "a": 1\n}')
  expect(asText({ text: 'line\nline' })).toBe('line\nline')
  expect([...bytesOf({ base64: 'AAH/' })]).toEqual([0, 1, 255])
  expect([formsOf({ json: 1 })[0], formsOf({ text: '' })[0], formsOf({ base64: '' })[0]]).toEqual(['json', 'text', 'hex'])
})

it('dumps bytes sixteen to a line', () => {
  const lines = hexDump(new TextEncoder().encode('0123456789abcdefXé')).split('\n')
  expect(lines[0]).toBe('000000  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef')
  expect(lines[1]).toMatch(/^000010 {2}58 c3 a9 +X··$/)
})

it('refuses names as the platform does', () => {
  const taken = new Set(['cars'])
  expect(refusedName('cars.v2_A-1', taken)).toBeUndefined()
  expect(refusedName('', taken)).toBe('a topic needs a name')
  expect(refusedName('..', taken)).toBe("'.' and '..' are not topic names")
  expect(refusedName('größe', taken)).toMatch(/^'ö' is not allowed/)
  expect(refusedName('x'.repeat(250), taken)).toMatch(/at most 249/)
  expect(refusedName('cars', taken)).toMatch(/already exists/)
})

it('finds what an edit changes, and what cannot be', () => {
  const before = { partitions: 3, retentionInMinutes: -1, retentionInBytes: 1024, cleanupPolicy: 'Delete' } as const
  expect(changeOf(before, { ...before, retentionInMinutes: 60 })).toEqual({ retentionInMinutes: 60 })
  const [kept, size] = differences(before, { ...before, retentionInMinutes: 60, retentionInBytes: -1 })
  expect([kept?.from, kept?.to, kept?.note]).toEqual(['no limit', '1 hour', 'Records that are older leave soon after.'])
  expect(size?.note).toBeUndefined()
  expect(refusals({ ...before, partitions: 2 }, before)).toEqual({ partitions: 'can only grow; the topic has 3' })
  expect(Object.keys(refusals({ ...before, partitions: Number.NaN, retentionInBytes: Number.NaN }))).toEqual(['partitions', 'retentionInBytes'])
})
