import { expect, it } from 'vitest'
import type { Rates } from './protocol'
import { RatesStore } from './rates'

function sample(bytes: number | undefined, cpu?: number): Rates {
  const topics: Rates['topics'] = bytes === undefined ? {} : { cars: { bytesInPerSecond: bytes, bytesOutPerSecond: bytes * 2, recordsInPerSecond: 1 } }
  const deployments = cpu === undefined ? {} : { d: { cpuMillicores: cpu, memoryBytes: 100, replicas: [] } }
  return { time: '2026-01-31T12:00:00Z', topics, deployments: deployments as Rates['deployments'] }
}

it('shows the mean of three seconds', () => {
  const store = new RatesStore()
  for (const bytes of [900, 300, 600, 0]) store.push(sample(bytes, bytes))
  expect(store.topic('cars')).toEqual({ bytesInPerSecond: 300, bytesOutPerSecond: 600, recordsInPerSecond: 1 })
  expect(store.deployment('d')?.cpuMillicores).toBe(300)
  expect(store.history('cars')).toEqual([900, 300, 600, 0])
})

it('comes to rest three seconds after the traffic ends', () => {
  const store = new RatesStore()
  for (const bytes of [900, undefined, undefined]) store.push(sample(bytes))
  expect(store.topic('cars').bytesInPerSecond).toBe(300)
  store.push(sample(undefined))
  expect(store.topic('cars').bytesInPerSecond).toBe(0)
})

it('knows no usage of what is gone, at once', () => {
  const store = new RatesStore()
  store.push(sample(1, 50))
  store.push(sample(1))
  expect(store.deployment('d')).toBeUndefined()
})

it('gives the same object until something new arrives', () => {
  const store = new RatesStore()
  store.push(sample(5))
  expect(store.topic('cars')).toBe(store.topic('cars'))
  expect(store.topic('unknown')).toBe(store.topic('other'))
})
