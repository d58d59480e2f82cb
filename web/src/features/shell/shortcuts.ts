import { useNavigate } from '@tanstack/react-router'
import { useEffect, useEffectEvent, useRef } from 'react'
import { showHelp } from './asking'
import { pages } from './pages'

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

/** ⌘K opens the palette, `g` and a letter go to a page, `/` goes to the page's filter, `?` tells them all. */
export function useShortcuts(workspace: string | undefined, onPalette: () => void): void {
  const navigate = useNavigate()
  const going = useRef(false)
  const press = useEffectEvent((event: KeyboardEvent) => {
    if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
      event.preventDefault()
      return onPalette()
    }
    if (event.metaKey || event.ctrlKey || event.altKey || typing(event.target)) return
    if (event.key === '?') return showHelp()
    const page = going.current ? pages.find((each) => each.key === event.key) : undefined
    going.current = event.key === 'g'
    if (page) void navigate({ to: page.to, search: { workspace } })
    const filter = event.key === '/' ? document.querySelector<HTMLElement>('[data-filter]') : null
    if (filter) {
      event.preventDefault()
      filter.focus()
    }
  })
  useEffect(() => {
    const listen = (event: KeyboardEvent) => press(event)
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
}
