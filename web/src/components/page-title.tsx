import type { ReactNode } from 'react'

interface Props {
  title: ReactNode
  /** Beside the name: how many, how they do. */
  children?: ReactNode
  /** At the right: filter, then the one primary action. */
  tools?: ReactNode
}

/** The first row of a page. */
export function PageTitle({ title, children, tools }: Props) {
  return (
    <header className="flex h-11 shrink-0 items-center gap-3 border-b border-line bg-surface px-4">
      <h1 className="-mx-1.5 min-w-0 truncate px-1.5 text-base font-semibold">{title}</h1>
      {children}
      {tools && <div className="ml-auto flex shrink-0 items-center gap-2">{tools}</div>}
    </header>
  )
}
