/** How long something took: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`. */
export function seconds(value: number): string {
  if (value < 9.95) return `${value.toFixed(1)} s`
  const whole = Math.round(value)
  if (whole < 60) return `${whole} s`
  const two = (big: number, bigUnit: string, rest: number, unit: string) => (rest === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${rest} ${unit}`)
  if (whole < 3600) return two(Math.floor(whole / 60), 'min', whole % 60, 's')
  return two(Math.floor(whole / 3600), 'h', Math.floor((whole % 3600) / 60), 'min')
}

/** How long until then: `in 5 min`; `now` when it has come. */
export function until(time: string, now: number = Date.now()): string {
  const left = (Date.parse(time) - now) / 1000
  if (left < 1) return 'now'
  if (left < 90) return `in ${Math.round(left)} s`
  if (left < 5400) return `in ${Math.round(left / 60)} min`
  if (left < 129_600) return `in ${Math.round(left / 3600)} h`
  return `in ${Math.round(left / 86_400)} d`
}
