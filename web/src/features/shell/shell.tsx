import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Outlet, useLocation, useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState } from 'react'
import { keys, workspacesQuery } from '@/api/queries'
import type { Workspace } from '@/api/types'
import { Dialogs } from '@/components/dialogs'
import { Failure } from '@/components/failure'
import { ListSkeleton } from '@/components/list-skeleton'
import { remembered } from '@/components/storage'
import { useDelayed } from '@/components/use-delayed'
import { PipelineSkeleton } from '@/features/pipeline/states'
import { useLiveStatus } from '@/live/live'
import { useChanges } from '@/live/use-changes'
import { pageOf } from './pages'
import { Rail } from './rail'
import { useShortcuts } from './shortcuts'
import { TopBar } from './top-bar'
import { CurrentWorkspace } from './workspace'

const Palette = lazy(() => import('./palette'))

/** The workspace of the address; without one the last that was looked at, or the first. */
function useCurrent(workspaces: Workspace[] | undefined): Workspace | undefined {
  const { workspace: asked } = useSearch({ from: '/shell' })
  const navigate = useNavigate()
  const last = remembered.get('workspace')
  const current = asked
    ? workspaces?.find((each) => each.workspaceId === asked)
    : (workspaces?.find((each) => each.workspaceId === last) ?? workspaces?.[0])
  const id = current?.workspaceId
  useEffect(() => {
    if (!id) return
    remembered.set('workspace', id)
    if (!asked) void navigate({ to: '.', search: (before) => ({ ...before, workspace: id }), replace: true })
  }, [id, asked, navigate])
  return current
}

/** Says that what is shown may be old. It goes by itself. */
function OfflineBar() {
  const client = useQueryClient()
  const offline = useLiveStatus() === 'offline'
  useEffect(() => {
    // A socket does not say why it was refused; a read does: the session may be over.
    if (offline) void client.invalidateQueries({ queryKey: keys.profile })
  }, [offline, client])
  if (!offline) return null
  return (
    <div role="status" className="flex h-7 shrink-0 items-center justify-center border-b border-line bg-raised text-xs text-warn">
      The connection to the platform is cut. What you see may be old; it catches up by itself.
    </div>
  )
}

function Changes({ workspaceId }: { workspaceId: string }) {
  useChanges(workspaceId)
  return null
}

/** The frame around every page of a workspace. */
export default function Shell() {
  const { data: workspaces, error, refetch } = useQuery(workspacesQuery)
  const current = useCurrent(workspaces)
  const late = useDelayed(!workspaces && !error)
  const [palette, setPalette] = useState(false)
  useShortcuts(current?.workspaceId, () => setPalette((open) => !open))
  const { workspace: asked } = useSearch({ from: '/shell' })
  const page = useLocation({ select: ({ pathname }) => pageOf(pathname).to })

  return (
    <div className="flex h-full">
      <Rail workspaceId={current?.workspaceId} />
      <div className="flex min-w-0 grow flex-col">
        <TopBar workspaces={workspaces ?? []} current={current} onPalette={() => setPalette(true)} />
        <OfflineBar />
        <main className="min-h-0 grow">
          {current ? (
            <CurrentWorkspace value={{ workspaceId: current.workspaceId, workspace: current }}>
              <Changes workspaceId={current.workspaceId} />
              <Outlet />
            </CurrentWorkspace>
          ) : error && !workspaces ? (
            <Failure title="The workspaces cannot be read" error={error} onRetry={() => void refetch()} />
          ) : workspaces ? (
            <Failure title="There is no such workspace" error={new Error(asked ? `'${asked}' does not exist, or you may not see it.` : 'You may not see any workspace. An administrator can grant it.')} />
          ) : late ? (
            page === '/pipeline' ? <PipelineSkeleton /> : <ListSkeleton label="Loading" />
          ) : null}
        </main>
      </div>
      {palette && (
        <Suspense>
          <Palette workspaces={workspaces ?? []} workspaceId={current?.workspaceId} onClose={() => setPalette(false)} />
        </Suspense>
      )}
      <Dialogs />
    </div>
  )
}
