import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { deploymentsQuery } from '@/api/queries'
import type { Deployment } from '@/api/types'
import { Empty, NoMatch } from '@/components/empty'
import { Failure } from '@/components/failure'
import { Filter } from '@/components/filter'
import { ListSkeleton } from '@/components/list-skeleton'
import { PageTitle } from '@/components/page-title'
import { readSort, type Sort, sorted, writeSort } from '@/components/sort'
import { Table } from '@/components/table'
import { useDelayed } from '@/components/use-delayed'
import { useRanks, useRatesChannel } from '@/live/use-rates'
import { inputs, outputs } from '../pipeline/graph'
import { groupOf, lookOf } from '../pipeline/status'
import { useWorkspace } from '../shell/workspace'
import { DeployButton } from './deploy-button'
import { DEPLOYMENT_GRID, deploymentColumns } from './deployment-columns'
import { StatusFilter } from './status-filter'
import { versionText } from './version'

const USUAL: Sort = { by: 'name', down: false }
const keyOf = ({ deploymentId }: Deployment) => deploymentId
const nameOf = ({ name }: Deployment) => name

function useDeploymentsSearch() {
  const search = useSearch({ from: '/shell/deployments' })
  const navigate = useNavigate({ from: '/deployments' })
  // What is typed is one step back in the history, not many.
  const set = (part: Partial<typeof search>) => void navigate({ search: (before) => ({ ...before, ...part }), replace: true })
  return { search, set }
}

/** Everything that a deployment is found by. */
function matches(deployment: Deployment, wanted: string): boolean {
  const { name, applicationName, status, statusReason, deploymentType } = deployment
  const texts = [name, applicationName, lookOf(status).word, statusReason ?? '', deploymentType, versionText(deployment), ...inputs(deployment), ...outputs(deployment)]
  return texts.some((text) => text.toLowerCase().includes(wanted))
}

/** The rows that the address asks for, in its order. */
function useRows(deployments: Deployment[], sort: Sort): Deployment[] {
  const { search } = useDeploymentsSearch()
  const ranks = useRanks()
  const rows = deployments
    .filter(({ status }) => !search.status || groupOf(status) === search.status)
    .filter((each) => matches(each, (search.q ?? '').toLowerCase()))
  const by = {
    status: ({ status }: Deployment) => lookOf(status).word,
    type: ({ deploymentType }: Deployment) => deploymentType,
    replicas: ({ replicas }: Deployment) => replicas,
    restarts: ({ restartCount }: Deployment) => restartCount,
    cpu: ({ deploymentId }: Deployment) => ranks.usage(deploymentId)?.cpuMillicores ?? -1,
    memory: ({ deploymentId }: Deployment) => ranks.usage(deploymentId)?.memoryBytes ?? -1,
    updated: ({ updatedAt }: Deployment) => Date.parse(updatedAt),
  }
  return sorted(rows, sort, by, nameOf)
}

function DeploymentsView({ workspaceId, deployments }: { workspaceId: string; deployments: Deployment[] }) {
  const { search, set } = useDeploymentsSearch()
  const navigate = useNavigate()
  const sort = readSort(search.sort, USUAL)
  const rows = useRows(deployments, sort)
  const open = (deploymentId: string, tab?: 'logs' | 'build') =>
    void navigate({ to: '/deployments/$deploymentId', params: { deploymentId }, search: { workspace: workspaceId, tab } })
  const columns = useMemo(() => deploymentColumns(open), [])
  const deploy = <DeployButton workspaceId={workspaceId} onDeployed={(id) => open(id, 'build')} />
  return (
    <div className="flex h-full flex-col">
      <PageTitle
        title="Deployments"
        tools={
          <>
            <Filter label="Filter deployments" value={search.q ?? ''} onChange={(q) => set({ q: q || undefined })} className="h-8 w-56" />
            {deployments.length > 0 && deploy}
          </>
        }
      >
        <StatusFilter deployments={deployments} chosen={search.status} onChoose={(status) => set({ status })} />
      </PageTitle>
      <div className="min-h-0 grow">
        {deployments.length === 0 ? (
          <Empty
            title="Nothing is deployed here yet"
            action={deploy}
            link={
              <>
                The{' '}
                <Link to="/pipeline" search={{ workspace: workspaceId }} className="text-accent underline underline-offset-2">
                  pipeline
                </Link>{' '}
                shows how to get the first application.
              </>
            }
          >
            A deployment runs an application of this project’s Git repository, in as many replicas as you like, and keeps it running.
          </Empty>
        ) : rows.length === 0 ? (
          <NoMatch what="No deployment is like that." onClear={() => set({ q: undefined, status: undefined })} />
        ) : (
          <Table
            label="Deployments"
            grid={DEPLOYMENT_GRID}
            columns={columns}
            rows={rows}
            keyOf={keyOf}
            nameOf={nameOf}
            sort={sort}
            onSort={(next) => set({ sort: writeSort(next, USUAL) })}
            onOpen={({ deploymentId }) => open(deploymentId)}
          />
        )}
      </div>
    </div>
  )
}

/** The deployments of the workspace that the address names. */
export default function DeploymentsPage() {
  const { workspaceId } = useWorkspace()
  useRatesChannel(workspaceId)
  const { data, isPending, error, refetch } = useQuery(deploymentsQuery(workspaceId))
  const late = useDelayed(isPending)
  if (error && !data) return <Failure title="The deployments cannot be shown" error={error} onRetry={() => void refetch()} />
  if (!data) return late ? <ListSkeleton label="Loading the deployments" /> : null
  return <DeploymentsView workspaceId={workspaceId} deployments={data.value} />
}
