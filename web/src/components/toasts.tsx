import { Check, CircleAlert, X } from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { IconButton } from './button'
import { CopyText } from './copy'
import { dismiss, subscribe, toasts as current } from './tell'

export function Toasts() {
  const toasts = useSyncExternalStore(subscribe, current)
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
            {toast.detail && <p className="line-clamp-4 text-muted break-words">{toast.detail}</p>}
            {toast.action && (
              <button
                type="button"
                className="text-accent hover:underline"
                onClick={() => {
                  dismiss(toast.id)
                  toast.action?.onSelect()
                }}
              >
                {toast.action.label}
              </button>
            )}
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
