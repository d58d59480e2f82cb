import { expect, it } from 'vitest'
import type { MetricPoint } from '@/api/types'
import { frameOf, gapOf, valueAt } from './frame'
import { refreshOf, shownOf, spanOf } from './range'
import { moment, timeTicks, WRITE } from './units'

const point = (time: number, value: number): MetricPoint => [time, value - 1, value, value + 1]

it('draws lines with points of their own on one axis, and gaps as gaps', () => {
  const frame = frameOf(
    [
      { label: 'a', points: [point(1_000, 5), point(2_000, 6), point(9_000, 7)] },
      { label: 'b', points: [point(1_500, 3), point(2_000, 4)] },
    ],
    2_500,
  )
  const [times, mean, least, most, other] = frame
  expect(times).toEqual([1_000, 1_500, 2_000, 3_250, 9_000])
  expect(mean).toEqual([5, undefined, 6, null, 7])
  expect(least).toEqual([4, undefined, 5, null, 6])
  expect(most?.[4]).toBe(8)
  // Beside another's point a line goes on; it has no gap there.
  expect(other).toEqual([undefined, 3, 4, undefined, undefined])
})

it('reads the value at the crosshair: the last one before it, but none in a gap', () => {
  const column = [5, undefined, 6, null, undefined]
  expect([0, 1, 2, 3, 4].map((at) => valueAt(column, at))).toEqual([5, 5, 6, undefined, undefined])
  expect(valueAt([1, 2], undefined)).toBe(2)
})

it('takes for a gap what is longer than two steps of what is drawn', () => {
  const from = '2026-01-31T12:00:00Z'
  expect(gapOf({ stepSeconds: 1, from, to: '2026-01-31T12:05:00Z' })).toBe(2_500)
  expect(gapOf({ stepSeconds: 60, from, to: '2026-03-02T12:00:00Z' })).toBe(2.5 * 8_640_000)
})

it('reads the time that is shown from the address', () => {
  expect(shownOf({ range: '6h' })).toMatchObject({ kind: 'live', id: '6h' })
  expect(shownOf({ range: 'nonsense' })).toMatchObject({ kind: 'live', id: '15m' })
  const zoomed = shownOf({ range: '6h', from: '2026-01-31T12:00:00Z', to: '2026-01-31T12:01:00Z' })
  expect(zoomed).toEqual({ kind: 'fixed', from: Date.UTC(2026, 0, 31, 12), to: Date.UTC(2026, 0, 31, 12, 1) })
  expect(shownOf({ from: '2026-01-31T12:01:00Z', to: '2026-01-31T12:00:00Z' }).kind).toBe('live')
  expect(refreshOf(zoomed)).toBe(false)
  expect(refreshOf(shownOf({ range: '5m' }))).toBe(1_000)
  expect(refreshOf(shownOf({ range: '30d' }))).toBe(60_000)
  expect(spanOf(shownOf({ range: '1h' }), 7_200_000)).toEqual({ from: 3_600_000, to: 7_200_000 })
})

it('writes values with units, and times as fine as their distance', () => {
  expect([WRITE.millicores(3.25), WRITE.millicores(1_500), WRITE.bytes(2 ** 30), WRITE.records(1), WRITE.records(20_400), WRITE.count(2)]).toEqual(['3.3 m', '1.5 cores', '1.0 GB', '1 record', '20,400 records', '2'])
  const midnight = Date.UTC(2026, 1, 1)
  expect(timeTicks([midnight - 30_000, midnight], 30_000, true)).toEqual(['23:59:30', '1 Feb'])
  expect(timeTicks([midnight], 86_400_000, true)).toEqual(['1 Feb'])
  expect(moment(midnight + 1_000, true)).toBe('1 Feb 00:00:01 UTC')
})
