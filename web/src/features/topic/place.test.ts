import { expect, it } from 'vitest'
import type { TopicMessage } from '@/live/protocol'
import { firstOf, nextOf, once, type Place, readPlace, textOf, writePlace } from './place'

const at = (offset: number, time = '2026-01-31T12:00:00.000Z', partition = 0): TopicMessage => ({ partition, offset, time, key: { text: 'K1' }, value: { json: { cpu: 41 } }, headers: [['source', { text: 'Plant' }]], size: 1 })

it('asks for the place that was chosen', () => {
  expect(firstOf({ kind: 'oldest' })).toEqual({ from: 'oldest', limit: 200 })
  expect(firstOf({ kind: 'time', at: '2026-01-31T12:00:00Z' })).toEqual({ from: '2026-01-31T12:00:00Z', limit: 200 })
  expect(firstOf({ kind: 'offset', partition: 2, offset: 7 })).toEqual({ partition: 2, offset: 7, limit: 200 })
})

it('stands in the address', () => {
  const places: Place[] = [{ kind: 'live' }, { kind: 'oldest' }, { kind: 'time', at: '2026-01-31T12:00:00.000Z' }, { kind: 'offset', partition: 2, offset: 70 }]
  expect(places.map(writePlace)).toEqual([undefined, 'oldest', '2026-01-31T12:00:00.000Z', '2:70'])
  expect(places.map((place) => readPlace(writePlace(place)))).toEqual(places)
  expect(readPlace('nonsense')).toEqual({ kind: 'live' })
})

it('goes on after the last record, until a page is not full', () => {
  expect(nextOf({ partition: 0, offset: 5, limit: 2 }, [at(5), at(9)])).toEqual({ partition: 0, offset: 10, limit: 2 })
  expect(nextOf({ from: 'oldest', limit: 2 }, [at(5), at(9)])).toEqual({ from: '2026-01-31T12:00:00.000Z', limit: 2 })
  // A page that ends where it began would be read for ever.
  expect(nextOf({ from: '2026-01-31T12:00:00.000Z', limit: 2 }, [at(5), at(9)])).toEqual({ from: '2026-01-31T12:00:00.001Z', limit: 2 })
  expect(nextOf({ from: 'oldest', limit: 3 }, [at(5), at(9)])).toBeUndefined()
})

it('shows what two pages share once', () => {
  expect(once([[at(1), at(2)], [at(2), at(2, undefined, 1), at(3)]]).map(({ partition, offset }) => `${partition}:${offset}`)).toEqual(['0:1', '0:2', '1:2', '0:3'])
})

it('finds a message by key, value and headers', () => {
  const text = textOf(at(1))
  expect(['k1', '"cpu":41', 'source=plant'].every((part) => text.includes(part))).toBe(true)
})
