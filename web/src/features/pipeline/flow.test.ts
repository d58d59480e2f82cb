import { expect, it } from 'vitest'
import { flowOf, pace, runs } from './flow'

const rates = { bytesInPerSecond: 500, bytesOutPerSecond: 200, recordsInPerSecond: 2 }
const none = { bytesInPerSecond: 0, bytesOutPerSecond: 0, recordsInPerSecond: 0 }

it('flows when there is traffic and both ends run', () => {
  expect(flowOf(rates, true, true)).toEqual({ bytesPerSecond: 500, flowing: true })
  expect(flowOf(none, true, true)).toEqual({ bytesPerSecond: 0, flowing: false })
  expect(flowOf(rates, true, false).flowing).toBe(false)
  expect(flowOf(rates, false, true).flowing).toBe(false)
})

it('leaves a topic at the rate at which it is read', () => {
  expect(flowOf(rates, undefined, true)).toEqual({ bytesPerSecond: 200, flowing: true })
  expect(flowOf(rates, true, undefined)).toEqual({ bytesPerSecond: 500, flowing: true })
})

it('counts a deployment out as soon as it is being stopped', () => {
  expect(runs({ status: 'Running', runningReplicas: 1 })).toBe(true)
  expect(runs({ status: 'Stopping', runningReplicas: 1 })).toBe(false)
  expect(runs({ status: 'RuntimeError', runningReplicas: 0 })).toBe(false)
})

it('moves faster for more, in few steps', () => {
  expect(pace(300)).toBe(pace(900))
  expect(parseFloat(pace(2_000_000))).toBeLessThan(parseFloat(pace(300)))
})
