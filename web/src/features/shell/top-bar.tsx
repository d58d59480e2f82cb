import { useLocation, useNavigate } from '@tanstack/react-router'
import { Bell as BellIcon, ChevronRight, ChevronsUpDown, Keyboard, LogOut, Search, User } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { useQuery } from '@tanstack/react-query'
import { profileQuery } from '@/api/queries'
import type { Workspace } from '@/api/types'
import { classes } from '@/components/classes'
import { grouped } from '@/components/grouped'
import { Menu, type MenuItem } from '@/components/menu'
import { setTheme, type Theme, useTheme } from '@/components/theme'
import { type LiveStatus } from '@/live/socket'
import { useLiveStatus } from '@/live/live'
import { showHelp } from './asking'
import { pageOf } from './pages'
import { partsOf } from './workspace'
import { useSignOut } from './sign-out'

const Bell = lazy(() => import('../notifications/bell'))

const CONNECTION: Record<LiveStatus, [word: string, dot: string]> = {
  idle: ['Connecting', 'border border-line-strong'],
  connecting: ['Connecting', 'border border-line-strong'],
  live: ['Live', 'bg-ok'],
  offline: ['Offline', 'bg-warn'],
}

function Connection() {
  const [word, dot] = CONNECTION[useLiveStatus()]
  return (
    <span role="status" className="flex items-center gap-1.5 text-xs text-muted">
      <span className={classes('size-2 rounded-full', dot)} />
      {word}
    </span>
  )
}

/** Environments by project, to switch to. */
function useSwitcher(workspaces: Workspace[], current: Workspace): () => MenuItem[] {
  const navigate = useNavigate()
  const to = useLocation({ select: ({ pathname }) => pageOf(pathname).to })
  return () => {
    const projects = grouped(workspaces, (each) => partsOf(each).project)
    return [...projects].flatMap(([project, environments]): MenuItem[] => [
      { kind: 'heading', label: project },
      ...environments.map((each) => ({
        kind: 'choice' as const,
        label: each.environmentName,
        chosen: each.workspaceId === current.workspaceId,
        onSelect: () => void navigate({ to, search: { workspace: each.workspaceId } }),
      })),
    ])
  }
}

const CRUMB = 'flex h-7 min-w-0 items-center gap-1 px-1.5'

function Breadcrumb({ workspaces, current }: { workspaces: Workspace[]; current: Workspace }) {
  const { organisation, project, environment } = partsOf(current)
  const items = useSwitcher(workspaces, current)
  const separator = <ChevronRight aria-hidden className="size-3.5 shrink-0 text-line-strong" />
  return (
    <nav aria-label="Workspace" className="flex min-w-0 items-center">
      <span className="truncate px-1.5 text-muted">{organisation}</span>
      {separator}
      <Menu label={`Project ${project}, switch`} items={items} align="start" className={classes(CRUMB, 'text-muted hover:text-text')}>
        <span className="truncate">{project}</span>
      </Menu>
      {separator}
      <Menu label={`Environment ${environment}, switch`} items={items} align="start" className={classes(CRUMB, 'font-medium')}>
        <span className="truncate">{environment}</span>
        <ChevronsUpDown className="size-3.5 shrink-0 text-muted" />
      </Menu>
    </nav>
  )
}

function Person() {
  const { data: profile } = useQuery(profileQuery)
  const chosen = useTheme()
  const signOut = useSignOut()
  const name = profile ? [profile.firstName, profile.lastName].filter(Boolean).join(' ') || profile.email || 'You' : 'You'
  const themes: [Theme, string][] = [
    ['system', 'System theme'],
    ['dark', 'Dark theme'],
    ['light', 'Light theme'],
  ]
  const items = (): MenuItem[] => [
    { kind: 'heading', label: profile?.email ? `${name} · ${profile.email}` : name },
    { kind: 'line' },
    ...themes.map(([id, label]) => ({ kind: 'choice' as const, label, chosen: chosen === id, onSelect: () => setTheme(id) })),
    { kind: 'line' },
    { label: 'Keyboard shortcuts', icon: <Keyboard />, hint: '?', onSelect: showHelp },
    { label: 'Sign out', icon: <LogOut />, onSelect: signOut },
  ]
  return (
    <Menu label={`Account of ${name}`} items={items} className="flex size-8 items-center justify-center rounded-full! border border-line bg-raised text-muted">
      <User className="size-4" />
    </Menu>
  )
}

interface Props {
  workspaces: Workspace[]
  current: Workspace | undefined
  onPalette: () => void
}

const PALETTE_KEY = /Mac|iP(hone|ad)/.test(navigator.userAgent) ? '⌘K' : 'Ctrl K'

/** Where one is, whether it is live, and the way to everything else. */
export function TopBar({ workspaces, current, onPalette }: Props) {
  return (
    <header className="flex h-12 shrink-0 items-center justify-between gap-4 border-b border-line bg-surface pr-3 pl-2.5">
      {current ? <Breadcrumb workspaces={workspaces} current={current} /> : <span />}
      <div className="flex shrink-0 items-center gap-4">
        <Connection />
        <button
          type="button"
          onClick={onPalette}
          aria-label={`Search or run ${PALETTE_KEY}`}
          className="flex h-8 items-center gap-2 rounded-md border border-line bg-bg px-2.5 text-muted hover:border-line-strong hover:text-text"
        >
          <Search className="size-3.5" />
          <span className="hidden w-32 text-left md:inline">Search or run</span>{' '}
          <kbd className="font-sans text-xs">{PALETTE_KEY}</kbd>
        </button>
        <div className="flex items-center gap-2">
          {current && (
            <Suspense fallback={<span className="flex size-8 items-center justify-center text-muted"><BellIcon className="size-4.5" /></span>}>
              <Bell key={current.workspaceId} workspaceId={current.workspaceId} />
            </Suspense>
          )}
          <Person />
        </div>
      </div>
    </header>
  )
}
