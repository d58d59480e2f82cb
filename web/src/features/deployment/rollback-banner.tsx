import { History } from 'lucide-react'
import type { Rollback } from '@/api/types'
import { Ago } from '@/components/ago'

/** Tells that the platform itself went back to an older version, and why. */
export function RollbackBanner({ rollback: { from, to, reason, at }, onHistory }: { rollback: Rollback; onHistory: () => void }) {
  return (
    <div role="status" className="flex shrink-0 items-center gap-3 border-b border-line bg-raised px-4 py-1.5">
      <History aria-hidden className="size-4 shrink-0 text-warn" />
      <p className="min-w-0 break-words">
        <span className="font-medium">
          Version {from} did not get healthy; version {to} serves again.
        </span>{' '}
        <span className="text-muted">
          {reason} · <Ago time={at} />
        </span>
      </p>
      <button type="button" className="ml-auto shrink-0 text-accent hover:underline" onClick={onHistory}>
        See what version {from} changed
      </button>
    </div>
  )
}
