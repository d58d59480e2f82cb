import { ArrowRight } from 'lucide-react'

export interface Difference {
  /** Apart from its name, where two may be called alike. */
  id?: string
  name: string
  from: string
  to: string
  /** What follows from it. */
  note?: string
}

/** What a change will make different, before it is made. */
export function Changes({ title, none, changes }: { title: string; none?: string; changes: Difference[] }) {
  return (
    <section aria-label={title} className="rounded-md border border-line bg-bg px-3 py-2">
      <h3 className="text-xs font-medium text-muted">{title}</h3>
      {changes.length === 0 && <p className="text-muted">{none}</p>}
      <ul className="mt-1 grid gap-1">
        {changes.map(({ id, name, from, to, note }) => (
          <li key={id ?? name} className="min-w-0">
            <span className="flex min-w-0 flex-wrap items-center gap-x-1.5">
              <span className="text-muted">{name}</span>
              <span className="break-all">{from}</span>
              <ArrowRight aria-label="becomes" className="size-3 shrink-0 text-muted" />
              <span className="font-medium break-all">{to}</span>
            </span>
            {note && <p className="text-xs text-warn">{note}</p>}
          </li>
        ))}
      </ul>
    </section>
  )
}
