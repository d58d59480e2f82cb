import { useState } from 'react'
import type { Side } from './split'
import { remembered } from './storage'

/** Where panels open; every page remembers the same. */
export function useSide(): [Side, (side: Side) => void] {
  const [side, setSide] = useState<Side>(remembered.get('panel.side') === 'right' ? 'right' : 'bottom')
  return [
    side,
    (next) => {
      remembered.set('panel.side', next)
      setSide(next)
    },
  ]
}
