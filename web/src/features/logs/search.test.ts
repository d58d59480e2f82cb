import { expect, it } from 'vitest'
import { downloadUrl, logQuery } from '@/api/log-query'
import { asks, queryOf, scopeOf, wantedOf } from './search'
import { rowsOf } from './search-results'

const NOW = Date.UTC(2026, 0, 31, 12)

it('asks the platform what the address says, and nothing that is not given', () => {
  expect(logQuery(queryOf({ find: 'a.b', level: 'warning', since: '1h', context: '2', version: '3', replica: '0', attempt: '2' }, NOW))).toEqual({
    text: 'a.b', level: 'warning', from: '2026-01-31T11:00:00.000Z', version: 3, replica: 0, attempt: 2, source: 'run', context: 2, limit: 100,
  })
  expect(logQuery(queryOf({ find: 'x|y', regex: true, level: 'loud', context: '99', to: 'never' }, NOW))).toEqual({ regex: 'x|y', source: 'run', context: 0, limit: 100 })
  expect([asks({}), asks({ find: 'x' }), asks({ level: 'error' }), asks({ context: '2' })]).toEqual([false, true, true, false])
})

it('knows a run only of a replica', () => {
  expect(scopeOf({ attempt: '2' })).toEqual({})
  expect(scopeOf({ replica: '1', attempt: '2' })).toEqual({ replica: 1, attempt: 2 })
})

it('marks what was looked for, letter by letter unless it is an expression', () => {
  expect('a.b axb'.match(wantedOf({ find: 'a.b' }) as RegExp)).toEqual(['a.b'])
  expect('a.b AXB'.match(wantedOf({ find: 'a.b', regex: true }) as RegExp)).toEqual(['a.b', 'AXB'])
  expect('ab AB'.match(wantedOf({ find: 'ab', caseSensitive: true }) as RegExp)).toEqual(['ab'])
  expect(wantedOf({ find: '(', regex: true })).toBeUndefined()
})

it('sets runs and groups of lines apart', () => {
  const entry = (text: string, attempt = 1) => ({ replica: 0, version: 2, attempt, time: '2026-01-31T12:00:00Z', stream: 'out' as const, text })
  const rows = rowsOf([
    { entry: entry('found'), before: [entry('before')], after: [] },
    { entry: entry('again'), before: [], after: [entry('after')] },
    { entry: entry('older', 2), before: [], after: [] },
  ])
  expect(rows.map((row) => ('mark' in row ? row.mark : `${row.dim ? '·' : '!'}${row.entry.text}`))).toEqual([
    '2026-01-31 · version 2 · run 1', '·before', '!found', '', '!again', '·after', '2026-01-31 · version 2 · run 2', '!older',
  ])
})

it('gives the address of a download', () => {
  expect(downloadUrl('d 1', { replica: 0, source: 'run' })).toBe('/deployments/d%201/logs/download?timestamps=true&replica=0&source=run')
})
