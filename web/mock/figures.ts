import type { Deployment, Group, MetricPoint, Metrics, MetricSeries } from '../src/api/types'

interface Asked {
  from: number
  to: number
  points: number
}

/** Noise that is the same at each call: charts that are read again do not jump. */
function noise(time: number, seed: number): number {
  const x = Math.sin(time / 1000 + seed * 7.31) * 43_758.5453
  return x - Math.floor(x)
}

function wave(time: number, seed: number): number {
  return 0.55 + 0.2 * Math.sin(time / 97_000 + seed) + 0.12 * Math.sin(time / 23_000 + seed * 3) + 0.08 * (noise(Math.floor(time / 4_000), seed) - 0.5)
}

/** Ten minutes before each hour nothing was measured for two. */
const silent = (time: number) => time % 3_600_000 > 3_000_000 && time % 3_600_000 < 3_120_000

function series({ from, to, points }: Asked, valueAt: (time: number) => number, whole = false): MetricPoint[] {
  const step = Math.max(1_000, Math.ceil((to - from) / points / 1_000) * 1_000)
  const found: MetricPoint[] = []
  for (let time = Math.ceil(from / step) * step; time <= to; time += step) {
    if (silent(time)) continue
    const value = valueAt(time)
    found.push(whole ? [time, value, value, value] : [time, value * 0.93, value, value * (1.04 + 0.1 * noise(time, 5))])
  }
  return found
}

const answer = (asked: Asked, found: MetricSeries[]): Metrics => ({
  stepSeconds: asked.to - asked.from > 3_600_000 ? 60 : 1,
  from: new Date(asked.from).toISOString(),
  to: new Date(asked.to).toISOString(),
  series: found,
})

const MIB = 1024 * 1024

/** What a deployment used. */
export function deploymentMetrics(deployment: Deployment, groups: Group[], asked: Asked): Metrics {
  const { replicas, cpuMillicores, memoryInMb, restartCount } = deployment
  const each = Array.from({ length: replicas }, (_, replica): MetricSeries[] => [
    { name: 'cpuMillicores', replica, unit: 'millicores', limit: cpuMillicores, points: series(asked, (time) => cpuMillicores * 0.7 * wave(time, replica + 1)) },
    { name: 'memoryBytes', replica, unit: 'bytes', limit: memoryInMb * MIB, points: series(asked, (time) => memoryInMb * MIB * (0.35 + 0.12 * replica + 0.14 * wave(time / 9, replica))) },
    { name: 'restarts', replica, unit: 'count', points: series(asked, (time) => Math.max(0, restartCount - Math.floor((asked.to - time) / 400_000)), true) },
  ])
  return answer(asked, [
    ...each.flat(),
    { name: 'runningReplicas', unit: 'count', limit: replicas, points: series(asked, () => deployment.runningReplicas, true) },
    ...groups.map((group, i): MetricSeries => ({ name: 'lag', group: group.group, topic: group.topic, unit: 'records', points: series(asked, (time) => Math.round((group.lag ?? 0) * 2 * wave(time, i + 4)), true) })),
  ])
}

/** What a topic carried. */
export function topicMetrics(traffic: { bytes: number; records: number }, seed: number, asked: Asked): Metrics {
  const line = (name: string, unit: string, size: number, shift: number): MetricSeries => ({ name, unit, points: series(asked, (time) => size * 1.7 * wave(time - shift, seed)) })
  return answer(asked, [
    line('bytesInPerSecond', 'bytesPerSecond', traffic.bytes, 0),
    line('bytesOutPerSecond', 'bytesPerSecond', traffic.bytes * 1.4, 4_000),
    line('recordsInPerSecond', 'recordsPerSecond', traffic.records, 0),
    line('recordsOutPerSecond', 'recordsPerSecond', traffic.records * 1.4, 4_000),
  ])
}
