import { useEffect, useState } from 'react'

/** True once `on` has held for `ms`: what loads faster shows no skeleton at all. */
export function useDelayed(on: boolean, ms = 150): boolean {
  const [late, setLate] = useState(false)
  useEffect(() => {
    if (!on) return setLate(false)
    const timer = setTimeout(() => setLate(true), ms)
    return () => clearTimeout(timer)
  }, [on, ms])
  return on && late
}
