import { bytes, bytesPerSecond, cores, count, perSecond } from '@/components/format'

export type Unit = 'millicores' | 'bytes' | 'count' | 'records' | 'bytesPerSecond' | 'recordsPerSecond'

const small = (value: number) => (value > 0 && value < 10 && !Number.isInteger(value) ? value.toFixed(1) : count(value))

/** A value with its unit. */
export const WRITE: Record<Unit, (value: number) => string> = {
  millicores: (value) => (value > 0 && value < 10 ? `${value.toFixed(1)} m` : cores(value)),
  bytes,
  count: small,
  records: (value) => `${small(value)} ${value === 1 ? 'record' : 'records'}`,
  bytesPerSecond,
  recordsPerSecond: perSecond,
}

/** The same beside an axis, where the unit of records is told once. */
export const TICK: Record<Unit, (value: number) => string> = { ...WRITE, records: short, count: small }

function short(value: number): string {
  return value >= 10_000 ? `${Intl.NumberFormat('en', { notation: 'compact' }).format(value)}` : small(value)
}

/** Steps of an axis that read well in the unit; nothing leaves it to the chart. */
export function stepsOf(unit: Unit): number[] | undefined {
  if (unit === 'bytes') return Array.from({ length: 44 }, (_, i) => 2 ** i)
  if (unit === 'count' || unit === 'records') return [1, 2, 5].flatMap((n) => Array.from({ length: 12 }, (_, i) => n * 10 ** i)).sort((a, b) => a - b)
  return undefined
}

const PARTS: Record<'second' | 'minute' | 'day', Intl.DateTimeFormatOptions> = {
  second: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  minute: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  day: { month: 'short', day: 'numeric' },
}

function written(time: number, part: keyof typeof PARTS, utc: boolean): string {
  return new Intl.DateTimeFormat('en-GB', { ...PARTS[part], ...(utc && { timeZone: 'UTC' }) }).format(time)
}

/** Times beside the axis: as fine as their distance, and the date where a day begins. */
export function timeTicks(times: number[], step: number, utc: boolean): string[] {
  return times.map((time) => {
    if (step >= 86_400_000) return written(time, 'day', utc)
    const text = written(time, step < 60_000 ? 'second' : 'minute', utc)
    return /^00:00(:00)?$/.test(text) ? written(time, 'day', utc) : text
  })
}

/** A moment in full, for the crosshair. */
export function moment(time: number, utc: boolean): string {
  return `${written(time, 'day', utc)} ${written(time, 'second', utc)}${utc ? ' UTC' : ''}`
}
