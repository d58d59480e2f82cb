import { cleanup, configure } from '@testing-library/react'
import { afterEach } from 'vitest'

// Whole pages are drawn, on machines that do other things too.
configure({ asyncUtilTimeout: 8_000 })

// Nothing is laid out here. Lists draw what fits, so boxes are given room.
if (typeof document !== 'undefined') {
  Object.defineProperties(HTMLElement.prototype, {
    clientHeight: { configurable: true, get: () => 300 },
    clientWidth: { configurable: true, get: () => 1_200 },
  })
  // Nothing is painted, either: charts draw on a canvas that takes everything and shows nothing.
  const pen: object = new Proxy({}, { get: (_, name) => (name === 'measureText' ? () => ({ width: 8 }) : () => pen), set: () => true })
  Object.defineProperty(HTMLCanvasElement.prototype, 'getContext', { configurable: true, value: () => pen })
  Object.assign(globalThis, { Path2D: class { constructor() { return pen } } })
}

afterEach(() => {
  // Tests of what was built run without a page.
  if (typeof document === 'undefined') return
  cleanup()
  localStorage.clear()
})
