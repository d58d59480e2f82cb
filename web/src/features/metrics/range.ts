const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export type RangeId = '5m' | '15m' | '1h' | '6h' | '24h' | '7d' | '30d'

export const RANGES: { id: RangeId; label: string; ms: number }[] = [
  { id: '5m', label: '5 min', ms: 5 * MINUTE },
  { id: '15m', label: '15 min', ms: 15 * MINUTE },
  { id: '1h', label: '1 h', ms: HOUR },
  { id: '6h', label: '6 h', ms: 6 * HOUR },
  { id: '24h', label: '24 h', ms: DAY },
  { id: '7d', label: '7 d', ms: 7 * DAY },
  { id: '30d', label: '30 d', ms: 30 * DAY },
]

export const USUAL: RangeId = '15m'
/** Points that a chart is drawn with at most. */
export const POINTS = 300
/** What is zoomed into is at least this long. */
export const LEAST = 2_000

/** What the address says of the time that charts show. */
export interface RangeSearch {
  range?: string
  /** A stretch that was zoomed into, in ISO 8601. */
  from?: string
  to?: string
  utc?: boolean
}

export type Shown = { kind: 'live'; id: RangeId; ms: number } | { kind: 'fixed'; from: number; to: number }

/** The time that is shown: the last while, following; or a fixed stretch. */
export function shownOf({ range, from, to }: RangeSearch): Shown {
  const [start, end] = [Date.parse(from ?? ''), Date.parse(to ?? '')]
  if (end - start >= LEAST) return { kind: 'fixed', from: start, to: end }
  const { id, ms } = RANGES.find((each) => each.id === range) ?? (RANGES.find((each) => each.id === USUAL) as (typeof RANGES)[number])
  return { kind: 'live', id, ms }
}

/** How often what follows is read again: twice a point, between a second and a minute. */
export function refreshOf(shown: Shown): number | false {
  return shown.kind === 'fixed' ? false : Math.min(MINUTE, Math.max(1_000, shown.ms / POINTS / 2))
}

/** The stretch as it is now. */
export function spanOf(shown: Shown, now: number): { from: number; to: number } {
  return shown.kind === 'fixed' ? { from: shown.from, to: shown.to } : { from: now - shown.ms, to: now }
}
