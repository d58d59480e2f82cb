import type { MetricPoint, Metrics } from '@/api/types'
import { POINTS } from './range'

/** One curve of a chart. */
export interface Line {
  label: string
  points: MetricPoint[]
}

/** `undefined`: the line has no point of its own here; `null`: nothing was measured. */
type Column = (number | null | undefined)[]

/** Times, then mean, least and most of each line. */
export type Frame = [number[], ...Column[]]

/** Points further apart than this, in milliseconds, have nothing between them. */
export function gapOf({ stepSeconds, from, to }: Pick<Metrics, 'stepSeconds' | 'from' | 'to'>): number {
  return 2.5 * Math.max(stepSeconds * 1000, (Date.parse(to) - Date.parse(from)) / POINTS)
}

/** Lines with points of their own, on one axis. */
export function frameOf(lines: Line[], gap: number): Frame {
  const times = new Set<number>()
  for (const { points } of lines) {
    points.forEach(([time], i) => {
      const before = points[i - 1]?.[0]
      // A time at which the line breaks off.
      if (before !== undefined && time - before > gap) times.add(before + gap / 2)
      times.add(time)
    })
  }
  const axis = [...times].sort((a, b) => a - b)
  const index = new Map(axis.map((time, i) => [time, i]))
  const columns = lines.flatMap(({ points }) => {
    const [mean, least, most] = [0, 0, 0].map((): Column => Array.from({ length: axis.length }, () => undefined)) as [Column, Column, Column]
    points.forEach(([time, low, average, high], i) => {
      const at = index.get(time) as number
      mean[at] = average
      least[at] = low
      most[at] = high
      const before = points[i - 1]?.[0]
      if (before === undefined || time - before <= gap) return
      const hole = index.get(before + gap / 2) as number
      mean[hole] = least[hole] = most[hole] = null
    })
    return [mean, least, most]
  })
  return [axis, ...columns]
}

/** The value that a line has at a place of the axis: its own, or the last one before it unless that is a gap. */
export function valueAt(column: Column | undefined, at: number | null | undefined): number | undefined {
  if (!column) return undefined
  for (let i = at ?? column.length - 1; i >= 0; i -= 1) {
    const value = column[i]
    if (value !== undefined) return value ?? undefined
  }
  return undefined
}
