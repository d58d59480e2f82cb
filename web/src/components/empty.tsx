import type { ReactNode } from 'react'

/** What a page says that has nothing to show: what this is, one action, one link. */
export function Empty({ title, children, action, link }: { title: string; children: ReactNode; action?: ReactNode; link?: ReactNode }) {
  return (
    <div className="mx-auto grid max-w-[480px] justify-items-start gap-3 px-6 py-16">
      <h2 className="text-xl font-semibold">{title}</h2>
      <div className="text-base text-muted">{children}</div>
      {action && <div className="mt-1">{action}</div>}
      {link && <p className="text-muted">{link}</p>}
    </div>
  )
}

/** Nothing in the list is what was looked for. */
export function NoMatch({ what, onClear }: { what: string; onClear: () => void }) {
  return (
    <p className="p-4 text-muted">
      {what}{' '}
      <button type="button" className="text-accent hover:underline" onClick={onClear}>
        Show all
      </button>
    </p>
  )
}
