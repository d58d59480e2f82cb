import { expect, it } from 'vitest'
import { ago, bytes, bytesPerSecond, cores, minutes } from './format'

it('writes rates with their unit, in three figures at most', () => {
  expect([0, 0.4, 512, 999.6, 1_240, 18_400, 2_480_000].map(bytesPerSecond)).toEqual(['0 B/s', '1 B/s', '512 B/s', '1.0 kB/s', '1.2 kB/s', '18 kB/s', '2.5 MB/s'])
})

it('writes sizes, cores and durations', () => {
  expect([bytes(73_400_320), bytes(2 * 1024 ** 3)]).toEqual(['70 MB', '2.0 GB'])
  expect([cores(31.5), cores(1000), cores(1500)]).toEqual(['32 m', '1 core', '1.5 cores'])
  expect([minutes(-1), minutes(1440), minutes(10_080), minutes(90), minutes(1)]).toEqual(['no limit', '24 hours', '7 days', '90 minutes', '1 minute'])
})

it('writes times relative to now', () => {
  const now = Date.parse('2026-01-31T12:00:00Z')
  expect(['2026-01-31T11:59:40Z', '2026-01-31T11:55:00Z', '2026-01-31T09:00:00Z', '2026-01-28T12:00:00Z'].map((time) => ago(time, now))).toEqual([
    'just now',
    '5 min ago',
    '3 h ago',
    '3 d ago',
  ])
})
