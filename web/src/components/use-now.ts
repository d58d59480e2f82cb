import { useEffect, useState } from 'react'

/** The present time, again and again while `on`. */
export function useNow(every: number, on = true): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (!on) return
    const timer = setInterval(() => setNow(Date.now()), every)
    return () => clearInterval(timer)
  }, [every, on])
  return now
}
