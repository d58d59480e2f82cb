import { expect, it } from 'vitest'
import type { Deployment, Topic } from '@/api/types'
import { gathered, knownOf, type Notice, noticesOf } from './notices'
import { notices } from './store'

const AT = '2026-01-31T12:00:00.000Z'
const deployment = (part: Partial<Deployment>) => ({ deploymentId: 'd', name: 'Model', status: 'Running', rollback: null, ...part }) as Deployment
const topic = (part: Partial<Topic>) => ({ id: 'ws-cars', name: 'cars', status: 'Ready', ...part }) as Topic
const found = (after: Partial<Deployment>, before: Partial<Deployment> = {}) => noticesOf(knownOf([deployment(before)], []), [deployment(after)], [], AT)

it('tells what failed, went back, or completed, and whether somebody has to act', () => {
  expect(found({ status: 'RuntimeError', statusReason: 'exit code 1' })).toMatchObject([{ kind: 'runtime', title: 'Model ended in an error', detail: 'exit code 1', urgent: true, deploymentId: 'd' }])
  expect(found({ status: 'BuildFailed' })).toMatchObject([{ kind: 'build', urgent: true }])
  expect(found({ status: 'Completed' })).toMatchObject([{ kind: 'completed', urgent: false }])
  const rollback = { from: 5, to: 4, reason: 'not healthy within 60 s', at: AT }
  expect(found({ rollback })).toMatchObject([{ kind: 'rollback', title: 'Model went back to version 4', detail: 'not healthy within 60 s' }])
  expect(found({ rollback }, { rollback })).toEqual([])
  expect(noticesOf(knownOf([], [topic({})]), [], [topic({ status: 'Error', lastError: 'no space' })], AT)).toMatchObject([{ kind: 'topic', title: 'Topic cars is in error', detail: 'no space', topic: 'cars' }])
})

it('is silent about what was so before, what somebody did, and the past of a first look', () => {
  expect(found({ status: 'RuntimeError' }, { status: 'RuntimeError' })).toEqual([])
  expect(found({ status: 'Stopped' })).toEqual([])
  expect(found({ status: 'BuildFailed', statusReason: 'The build was cancelled by Ada Lovelace.' })).toEqual([])
  expect(noticesOf(undefined, [deployment({ status: 'RuntimeError' })], [], AT)).toEqual([])
})

it('gathers a crash that repeats into one, and tells it once', () => {
  const at = (time: string): Notice[] => noticesOf(knownOf([deployment({})], []), [deployment({ status: 'RuntimeError' })], [], time)
  const first = gathered([], at(AT))
  expect(first.news).toHaveLength(1)
  const second = gathered(first.list, at('2026-01-31T12:05:00.000Z'))
  expect([second.list.length, second.list[0]?.times, second.news.length]).toEqual([1, 2, 0])
  const later = gathered(second.list, at('2026-01-31T13:00:00.000Z'))
  expect([later.list.length, later.news.length]).toEqual([2, 1])
})

it('keeps notices in this browser, and those of an environment apart', () => {
  notices.look('ws', [deployment({})], [])
  expect(notices.look('ws', [deployment({ status: 'RuntimeError' })], [])).toHaveLength(1)
  expect(notices.look('ws', [deployment({ status: 'RuntimeError' })], [])).toEqual([])
  expect(notices.of('ws').map(({ read }) => read)).toEqual([false])
  notices.readAll('ws')
  expect(notices.of('ws').map(({ read }) => read)).toEqual([true])
  expect(notices.of('other')).toEqual([])
  localStorage.setItem('headwater.notices.ws', 'nonsense')
  expect(notices.of('ws')).toEqual([])
})
