import { lazy, type ReactNode, Suspense, useRef, useState } from 'react'
import { classes } from './classes'

export type MenuItem =
  | { kind?: 'action'; label: string; icon?: ReactNode; hint?: string; danger?: boolean; disabled?: boolean; onSelect: () => void }
  | { kind: 'link'; label: string; icon?: ReactNode; href: string }
  | { kind: 'choice'; label: string; chosen: boolean; onSelect: () => void }
  | { kind: 'heading'; label: string }
  | { kind: 'line' }

const load = () => import('./menu-body')
// Menus are not part of the first screen; their code comes when one is about to be opened.
const MenuBody = lazy(load)

interface Props {
  label: string
  items: MenuItem[] | (() => MenuItem[])
  children: ReactNode
  className?: string
  align?: 'start' | 'end'
  onOpenChange?: (open: boolean) => void
}

/** A button that opens a menu. */
export function Menu({ label, items, children, className, align = 'end', onOpenChange }: Props) {
  const button = useRef<HTMLButtonElement>(null)
  const [open, setOpen] = useState(false)
  const change = (next: boolean) => {
    setOpen(next)
    onOpenChange?.(next)
  }
  return (
    <>
      <button
        ref={button}
        type="button"
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        onPointerEnter={load}
        onFocus={load}
        onClick={() => change(!open)}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown') return
          event.preventDefault()
          event.stopPropagation()
          change(true)
        }}
        className={classes('rounded-md hover:bg-hover aria-expanded:bg-hover', className)}
      >
        {children}
      </button>
      {open && (
        <Suspense>
          <MenuBody anchor={button} items={typeof items === 'function' ? items() : items} align={align} onClose={() => change(false)} />
        </Suspense>
      )}
    </>
  )
}
