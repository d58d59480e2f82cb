import { expect, it } from 'vitest'
import type { Rates } from './protocol'
import { RatesStore } from './rates'

function sample(bytes: number | undefined, cpu?: number): Rates {
  const topics: Rates['topics'] = bytes === undefined ? {} : { cars: { bytesInPerSecond: bytes, bytesOutPerSecond: bytes * 2, recordsInPerSecond: 1 } }
  const deployments = cpu === undefined ? {} : { d: { cpuMillicores: cpu, memoryBytes: 100, replicas: [] } }
  return { time: '2026-01-31T12:00:00Z', topics, deployments: deployments as Rates['deployments'] }
}

it('shows usage as the mean of three seconds, and traffic as it comes', () => {
  const store = new RatesStore()
  for (const figure of [900, 300, 600, 0]) store.push(sample(figure, figure))
  expect(store.deployment('d')?.cpuMillicores).toBe(300)
  expect(store.topic('cars').bytesInPerSecond).toBe(0)
  expect(store.history('cars')).toEqual([900, 300, 600, 0])
})

it('takes a topic that is not named any more for one at rest', () => {
  const store = new RatesStore()
  for (const bytes of [900, undefined]) store.push(sample(bytes))
  expect(store.topic('cars').bytesInPerSecond).toBe(0)
  expect(store.history('cars')).toEqual([900, 0])
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

it('begins an era with the first sample and with every tenth after it, and anew after a cut', () => {
  const store = new RatesStore()
  const eras = Array.from({ length: 12 }, () => (store.push(sample(1)), store.era))
  expect([eras[0], eras[9], eras[10], eras[11]]).toEqual([1, 1, 2, 2])
  store.clear()
  expect(store.era).toBe(0)
})

it('remembers what a deployment used, and how far it is behind now', () => {
  const store = new RatesStore()
  store.push(sample(1, 50))
  store.push(sample(1))
  for (const lag of [12, 40]) {
    const late = sample(1, 70)
    Object.assign(late.deployments.d ?? {}, { lag })
    store.push(late)
  }
  expect(store.usageHistory('d').map((usage) => usage?.cpuMillicores)).toEqual([50, undefined, 70, 70])
  expect([store.lag('d'), store.lag('other')]).toEqual([12, undefined])
  store.push(sample(1))
  expect(store.lag('d')).toBeUndefined()
})
