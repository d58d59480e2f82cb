import { cleanup } from '@testing-library/react'
import { afterEach } from 'vitest'

afterEach(() => {
  // Tests of what was built run without a page.
  if (typeof document === 'undefined') return
  cleanup()
  localStorage.clear()
})
