import { useSyncExternalStore } from 'react'
import { remembered } from './storage'

export type Theme = 'dark' | 'light' | 'system'

const light = window.matchMedia('(prefers-color-scheme: light)')
const listeners = new Set<() => void>()

export function theme(): Theme {
  const chosen = remembered.get('theme')
  return chosen === 'dark' || chosen === 'light' ? chosen : 'system'
}

function apply(): void {
  const chosen = theme()
  const shown = chosen === 'system' ? (light.matches ? 'light' : 'dark') : chosen
  document.documentElement.dataset.theme = shown
  for (const listener of listeners) listener()
}

light.addEventListener('change', apply)

export function setTheme(next: Theme): void {
  remembered.set('theme', next === 'system' ? null : next)
  apply()
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, theme)
}

/** The theme that is seen: for what is not drawn by style sheets. */
export function useShownTheme(): string | undefined {
  return useSyncExternalStore(subscribe, () => document.documentElement.dataset.theme)
}
