import { explain } from '@/api/error'

export interface Toast {
  id: number
  title: string
  detail?: string
  requestId?: string
  bad: boolean
  action?: { label: string; onSelect: () => void }
}

let shown: Toast[] = []
let last = 0
const listeners = new Set<() => void>()

function set(next: Toast[]): void {
  shown = next
  for (const listener of listeners) listener()
}

function add(toast: Omit<Toast, 'id'>, lasting: number): void {
  const id = ++last
  set([...shown, { ...toast, id }].slice(-4))
  setTimeout(() => dismiss(id), lasting)
}

/** Takes a toast away. */
export function dismiss(id: number): void {
  set(shown.filter((toast) => toast.id !== id))
}

/** Says that something was done, where the page itself does not show it. */
export function tell(title: string): void {
  add({ title, bad: false }, 4_000)
}

/** Says what could not be done and why. */
export function tellFailure(title: string, error: unknown): void {
  const { message, hint, requestId } = explain(error)
  add({ title, detail: [message, hint].filter(Boolean).join(' '), requestId, bad: true }, 12_000)
}

/** Says that something happened which somebody has to look into. */
export function tellNeed(title: string, detail?: string, action?: Toast['action']): void {
  add({ title, detail, action, bad: true }, 15_000)
}

/** For the component that shows them. */
export function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

export function toasts(): Toast[] {
  return shown
}
