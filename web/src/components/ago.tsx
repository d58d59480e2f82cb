import { useSyncExternalStore } from 'react'
import { ago, utc } from './format'

const EVERY = 15_000
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

/** One clock for all times that are shown. */
function subscribe(listener: () => void) {
  listeners.add(listener)
  timer ??= setInterval(() => listeners.forEach((each) => each()), EVERY)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** How long ago, with the exact time on hover. */
export function Ago({ time, by }: { time: string; by?: string }) {
  const text = useSyncExternalStore(subscribe, () => ago(time))
  return (
    <time dateTime={time} title={by ? `${utc(time)} by ${by}` : utc(time)}>
      {text}
    </time>
  )
}
