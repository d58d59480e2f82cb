import { Check, CircleAlert, X } from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { explain } from '@/api/error'
import { IconButton } from './button'
import { CopyText } from './copy'

interface Toast {
  id: number
  title: string
  detail?: string
  requestId?: string
  bad: boolean
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

function dismiss(id: number): void {
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

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

export function Toasts() {
  const toasts = useSyncExternalStore(subscribe, () => shown)
  return (
    <div aria-live="polite" className="pointer-events-none fixed right-4 bottom-4 z-50 flex w-96 flex-col gap-2">
      {toasts.map((toast) => (
        <div
          key={toast.id}
          role={toast.bad ? 'alert' : 'status'}
          className="arriving pointer-events-auto flex gap-3 rounded-md border border-line-strong bg-raised p-3 shadow-float"
        >
          {toast.bad ? <CircleAlert className="mt-0.5 size-4 shrink-0 text-bad" /> : <Check className="mt-0.5 size-4 shrink-0 text-ok" />}
          <div className="min-w-0 grow">
            <p className="font-medium">{toast.title}</p>
            {toast.detail && <p className="text-muted break-words">{toast.detail}</p>}
            {toast.requestId && <CopyText label="request id" text={toast.requestId} />}
          </div>
          <IconButton label="Dismiss" className="-mt-1 -mr-1" onClick={() => dismiss(toast.id)}>
            <X className="size-4" />
          </IconButton>
        </div>
      ))}
    </div>
  )
}
