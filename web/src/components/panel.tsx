import { PanelBottom, PanelRight, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { IconButton } from './button'
import type { Side } from './split'

interface Props {
  title: ReactNode
  /** At the right of the title: tabs, actions. */
  tools?: ReactNode
  side: Side
  onSide: (side: Side) => void
  onClose: () => void
  facts: ReactNode
  children: ReactNode
}

/** A drawer that any page can open: facts at the left (above, when narrow), the matter itself beside them. */
export function Panel({ title, tools, side, onSide, onClose, facts, children }: Props) {
  const other = side === 'bottom' ? 'right' : 'bottom'
  return (
    <section aria-label="Details" className="arriving @container flex h-full min-h-0 flex-col bg-surface">
      <header className="flex h-10 shrink-0 items-center gap-3 border-b border-line pr-2 pl-4">
        <div className="flex min-w-0 grow items-center gap-3">{title}</div>
        {tools}
        <div className="flex">
          <IconButton label={`Move to the ${other}`} onClick={() => onSide(other)}>
            {side === 'bottom' ? <PanelRight className="size-4" /> : <PanelBottom className="size-4" />}
          </IconButton>
          <IconButton label="Close (Esc)" onClick={onClose}>
            <X className="size-4" />
          </IconButton>
        </div>
      </header>
      <div className="flex min-h-0 grow flex-col @3xl:flex-row">
        <div
          role="region"
          aria-label="Facts"
          // They may be many, and none of them a link: the keyboard scrolls them.
          tabIndex={0}
          className="max-h-[36%] shrink-0 overflow-y-auto border-b border-line px-4 py-3 -outline-offset-2 @3xl:max-h-none @3xl:w-76 @3xl:border-r @3xl:border-b-0"
        >
          {facts}
        </div>
        <div className="flex min-h-0 min-w-0 grow flex-col">{children}</div>
      </div>
    </section>
  )
}

/** A list of names and values. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="grid grid-cols-[92px_minmax(0,1fr)] gap-x-3 gap-y-1.5 select-text">{children}</dl>
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="truncate text-muted" title={name}>
        {name}
      </dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  )
}
