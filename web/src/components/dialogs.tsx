import { type ReactNode, Suspense, useEffect, useSyncExternalStore } from 'react'

let shown: { id: number; dialog: ReactNode } | undefined
let last = 0
const listeners = new Set<() => void>()

function set(next: typeof shown): void {
  shown = next
  for (const listener of listeners) listener()
}

/** Opens a dialog from wherever it is asked for. It gets the way to close itself. */
export function openDialog(draw: (close: () => void) => ReactNode): void {
  const id = ++last
  set({ id, dialog: draw(() => shown?.id === id && set(undefined)) })
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** The place of dialogs: one at a time. */
export function Dialogs() {
  const open = useSyncExternalStore(subscribe, () => shown)
  // Who signs in next is not asked what the last person was.
  useEffect(() => () => set(undefined), [])
  return open && <Suspense key={open.id}>{open.dialog}</Suspense>
}
