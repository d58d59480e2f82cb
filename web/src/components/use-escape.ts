import { useEffect } from 'react'

/** Esc closes the panel, unless something above it takes the key first. */
export function useEscape(on: boolean, close: () => void): void {
  useEffect(() => {
    if (!on) return
    const press = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLInputElement && event.target.value !== ''
      if (event.key === 'Escape' && !event.defaultPrevented && !typing && !document.querySelector('[role=dialog],[role=menu]')) close()
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  })
}
