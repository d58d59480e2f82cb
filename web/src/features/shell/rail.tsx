import { Link } from '@tanstack/react-router'
import { PanelLeftClose, PanelLeftOpen } from 'lucide-react'
import { useState } from 'react'
import { classes } from '@/components/classes'
import { Mark } from '@/components/mark'
import { remembered } from '@/components/storage'
import { pages } from './pages'

const ROW = 'flex h-9 items-center gap-3 rounded-md px-2.5 text-muted hover:bg-hover hover:text-text'

/** The way between pages. */
export function Rail({ workspaceId }: { workspaceId?: string }) {
  const [open, setOpen] = useState(remembered.get('rail') === 'open')
  const toggle = () => {
    remembered.set('rail', open ? null : 'open')
    setOpen(!open)
  }
  const Toggle = open ? PanelLeftClose : PanelLeftOpen
  return (
    <nav aria-label="Pages" className={classes('flex shrink-0 flex-col border-r border-line bg-surface', open ? 'w-52' : 'w-14')}>
      <div className="flex h-12 shrink-0 items-center gap-2.5 border-b border-line px-4">
        <Mark className="size-6 shrink-0" />
        {open && <span className="text-base font-semibold">Headwater</span>}
      </div>
      <ul className="grid gap-1 p-2">
        {pages.map(({ to, label, icon: Icon }) => (
          <li key={to}>
            <Link
              to={to}
              search={{ workspace: workspaceId }}
              aria-label={label}
              title={open ? undefined : label}
              className={ROW}
              activeOptions={{ includeSearch: false }}
              activeProps={{ className: 'bg-hover text-text!' }}
            >
              <Icon className="size-5 shrink-0" />
              {open && label}
            </Link>
          </li>
        ))}
      </ul>
      <button
        type="button"
        onClick={toggle}
        aria-label={open ? 'Close the navigation' : 'Open the navigation'}
        title={open ? 'Close the navigation' : 'Open the navigation'}
        className={classes(ROW, 'm-2 mt-auto')}
      >
        <Toggle className="size-5 shrink-0" />
        {open && 'Close'}
      </button>
    </nav>
  )
}
