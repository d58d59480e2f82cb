import { expect, it, vi } from 'vitest'
import { Freshness, newer } from './freshness'

it('asks again while an answer is older than what was seen', async () => {
  const freshness = new Freshness()
  freshness.note('ws', 7)
  const ask = vi.fn().mockResolvedValueOnce({ asOf: 6, value: 'old' }).mockResolvedValueOnce({ asOf: 7, value: 'new' })
  expect((await freshness.read('ws', ask)).value).toBe('new')
  expect(ask).toHaveBeenCalledTimes(2)
})

it('believes a platform that keeps answering from the past', async () => {
  const freshness = new Freshness()
  freshness.note('ws', 7)
  const ask = vi.fn().mockResolvedValue({ asOf: 6, value: 'old' })
  expect((await freshness.read('ws', ask)).value).toBe('old')
  expect(ask).toHaveBeenCalledTimes(3)
})

it('never goes back by itself, and does after a reset', () => {
  const freshness = new Freshness()
  freshness.note('ws', 7)
  freshness.note('ws', 3)
  expect(freshness.of('ws')).toBe(7)
  freshness.restart('ws', 2)
  expect(freshness.of('ws')).toBe(2)
})

it('keeps the newer of two answers', () => {
  expect(newer({ asOf: 5, value: 'shown' }, { asOf: 4, value: 'late' }).value).toBe('shown')
  expect(newer({ asOf: 5, value: 'shown' }, { asOf: 5, value: 'same' }).value).toBe('same')
  expect(newer(undefined, { asOf: 0, value: 'first' }).value).toBe('first')
})
