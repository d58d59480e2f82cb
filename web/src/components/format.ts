const STEPS = ['', 'k', 'M', 'G', 'T']

function scaled(value: number, step: number): { text: string; prefix: string } {
  let size = Math.max(0, value)
  let i = 0
  // 999.5 would read "1000" in the smaller unit.
  while (size >= 999.5 && i < STEPS.length - 1) {
    size /= step
    i += 1
  }
  const digits = i > 0 && size < 9.95 ? 1 : 0
  return { text: size.toFixed(digits), prefix: STEPS[i] ?? '' }
}

/** `1.2 kB/s`; a trickle under one byte a second still reads as one. */
export function bytesPerSecond(value: number): string {
  const { text, prefix } = scaled(value > 0 && value < 1 ? 1 : value, 1000)
  return `${text} ${prefix}B/s`
}

/** `70 MB`, in the steps of 1024 that limits are given in. */
export function bytes(value: number): string {
  const { text, prefix } = scaled(value, 1024)
  return `${text} ${prefix.toUpperCase()}B`
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en')
}

/** A number where little room is: `4,211`, `2.3M`. */
export function short(value: number): string {
  return value < 10_000 ? count(value) : value.toLocaleString('en', { notation: 'compact', maximumFractionDigits: 1 })
}

/** Records a second: `10/s`, `0.3/s`. */
export function perSecond(value: number): string {
  return value > 0 && value < 10 ? `${value.toFixed(1)}/s` : `${count(value)}/s`
}

/** Thousandths of a core: `31 m`, `1.5 cores`. */
export function cores(millicores: number): string {
  if (millicores < 1000) return `${Math.round(millicores)} m`
  const value = millicores / 1000
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${value === 1 ? 'core' : 'cores'}`
}

/** `7 days`, `24 hours`, `no limit`. */
export function minutes(value: number): string {
  if (value < 0) return 'no limit'
  const plural = (n: number, unit: string) => `${n} ${unit}${n === 1 ? '' : 's'}`
  if (value >= 2880 && value % 1440 === 0) return plural(value / 1440, 'day')
  if (value >= 60 && value % 60 === 0) return plural(value / 60, 'hour')
  return plural(value, 'minute')
}

/** `just now`, `5 min ago`, `3 h ago`, `2 d ago`. */
export function ago(time: string, now: number = Date.now()): string {
  const seconds = Math.max(0, (now - Date.parse(time)) / 1000)
  if (seconds < 45) return 'just now'
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`
  if (seconds < 86_400) return `${Math.round(seconds / 3600)} h ago`
  return `${Math.round(seconds / 86_400)} d ago`
}

/** Local time of day with milliseconds: `12:00:00.123`. */
export function clock(time: string): string {
  const at = new Date(time)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`
}

/** Exact UTC, as written by the platform: `2026-01-31 12:00:00.123456 UTC`. */
export function utc(time: string): string {
  return time.replace('T', ' ').replace(/Z$/, ' UTC')
}
