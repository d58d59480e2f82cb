import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { ArrowLeft, EllipsisVertical, Pencil, Play, Square } from 'lucide-react'
import { lazy, useMemo } from 'react'
import { deploymentsQuery, topicsQuery, useMay } from '@/api/queries'
import type { Deployment, Topic } from '@/api/types'
import { Button } from '@/components/button'
import { Empty } from '@/components/empty'
import { Failure } from '@/components/failure'
import { Menu } from '@/components/menu'
import { PageTitle } from '@/components/page-title'
import { Split } from '@/components/split'
import { useDelayed } from '@/components/use-delayed'
import { useRatesChannel } from '@/live/use-rates'
import { lineageOf } from '../pipeline/graph'
import { PipelineGraph } from '../pipeline/pipeline-graph'
import { canStart, canStop, Status } from '../pipeline/status'
import { useWorkspace } from '../shell/workspace'
import { useDeploymentAction } from './actions'
import { askToEdit } from './asking'
import { DeploymentFacts } from './deployment-facts'
import { useDeploymentMenu } from './deployment-menu'
import { DeploymentMessages } from './deployment-messages'
import { DeploymentSkeleton } from './deployment-skeleton'
import { type DeploymentTab, DeploymentViews } from './deployment-views'
import { RollbackBanner } from './rollback-banner'

const LogsTab = lazy(() => import('../logs/logs-tab'))
const DeploymentMetrics = lazy(() => import('../metrics/deployment-metrics'))
const HistoryView = lazy(() => import('../history/history-view'))

/** Facts want about this much; the rest takes what is left. */
const FACTS = 320

function Back({ workspaceId }: { workspaceId: string }) {
  return (
    <Link
      to="/deployments"
      search={{ workspace: workspaceId }}
      aria-label="All deployments"
      title="All deployments"
      className="-ml-1.5 inline-flex size-7 shrink-0 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-text"
    >
      <ArrowLeft className="size-4" />
    </Link>
  )
}

function useShow(deployment: Deployment) {
  const { workspaceId, deploymentId } = deployment
  const search = useSearch({ from: '/shell/deployments/$deploymentId' })
  const navigate = useNavigate()
  type Search = Partial<typeof search>
  const show = (part: Search, id = deploymentId) =>
    void navigate({ to: '/deployments/$deploymentId', params: { deploymentId: id }, search: { workspace: workspaceId, ...part }, replace: id === deploymentId })
  return {
    search,
    // The time that charts show is kept: what happened then is looked for in other tabs, too.
    tab: (tab: DeploymentTab) => show({ tab, range: search.range, utc: search.utc, ...(tab === 'metrics' && { from: search.from, to: search.to }) }),
    set: (part: Search) => show({ ...search, ...part }),
    topic: (topic: string) => show({ tab: 'messages', topic }),
    open: (id: string, tab?: 'logs' | 'build') => show({ tab }, id),
    failed: (version: number) => show({ tab: 'history', version: String(version) }),
  }
}

function Tools({ deployment, onOpen }: { deployment: Deployment; onOpen: (id: string, tab?: 'logs' | 'build') => void }) {
  const { mutate } = useDeploymentAction(deployment)
  const mayChange = useMay(deployment.workspaceId, { resourceType: 'Deployment', permission: 'Update' })
  const items = useDeploymentMenu(deployment, onOpen)
  const { status, name } = deployment
  return (
    <>
      {mayChange ? (
        <>
          {canStart(status) && (
            <Button onClick={() => mutate('start')}>
              <Play className="size-3.5" /> Start
            </Button>
          )}
          {canStop(status) && (
            <Button onClick={() => mutate('stop')}>
              <Square className="size-3.5" /> Stop
            </Button>
          )}
          <Button look="primary" disabled={status === 'Deleting'} onClick={() => askToEdit(deployment)}>
            <Pencil className="size-3.5" /> Edit
          </Button>
        </>
      ) : (
        <span className="text-xs whitespace-nowrap text-muted">You can look; an administrator can grant more.</span>
      )}
      <Menu label={`Actions of ${name}`} items={items} className="inline-flex size-7 items-center justify-center text-muted hover:text-text">
        <EllipsisVertical className="size-4" />
      </Menu>
    </>
  )
}

interface ViewProps {
  deployment: Deployment
  deployments: Deployment[]
  topics: Topic[]
}

function Lineage({ deployment, deployments, topics, onOpen, onTopic, topic }: ViewProps & { topic?: string; onOpen: (id: string, tab?: 'logs' | 'build') => void; onTopic: (topic: string) => void }) {
  const lineage = useMemo(() => lineageOf(deployment, deployments), [deployment, deployments])
  return (
    <PipelineGraph
      label="Lineage"
      deployments={lineage.deployments}
      topics={topics}
      only={lineage.topics}
      selected={{ deployment: deployment.deploymentId, topic }}
      onOpenDeployment={onOpen}
      onOpenTopic={onTopic}
    />
  )
}

function DeploymentView({ deployment, deployments, topics }: ViewProps) {
  const { search, tab, set, topic, open, failed } = useShow(deployment)
  const { rollback } = deployment
  return (
    <div className="flex h-full flex-col">
      <PageTitle
        title={
          <span className="flex min-w-0 items-center gap-2">
            <Back workspaceId={deployment.workspaceId} />
            <span className="truncate">{deployment.name}</span>
          </span>
        }
        tools={<Tools deployment={deployment} onOpen={open} />}
      >
        <Status status={deployment.status} className="shrink-0" />
      </PageTitle>
      {rollback && <RollbackBanner rollback={rollback} onHistory={() => failed(rollback.from)} />}
      <div className="min-h-0 grow">
        <Split
          name="deployment.facts"
          side="right"
          share={1 - FACTS / window.innerWidth}
          main={
            <section aria-label="Facts" className="h-full overflow-y-auto bg-surface px-4 py-3">
              <DeploymentFacts deployment={deployment} onTopic={topic} />
            </section>
          }
          pane={
            <Split
              name="deployment.lineage"
              side="bottom"
              share={0.62}
              main={<Lineage deployment={deployment} deployments={deployments} topics={topics} topic={search.tab === 'messages' ? search.topic : undefined} onOpen={open} onTopic={topic} />}
              pane={
                <section aria-label="Views" className="@container h-full bg-surface">
                  <DeploymentViews
                    deployment={deployment}
                    tab={search.tab ?? 'logs'}
                    onTab={tab}
                    more={[
                      { id: 'logs', label: 'Logs', view: <LogsTab deployment={deployment} search={search} onSearch={set} /> },
                      { id: 'messages', label: 'Messages', view: <DeploymentMessages deployment={deployment} topics={topics} chosen={search.topic} onChoose={topic} at={search.at} onAt={(at) => set({ at })} /> },
                      { id: 'metrics', label: 'Metrics', view: <DeploymentMetrics deployment={deployment} search={search} onSearch={set} onLogs={() => set({ tab: 'logs', mode: 'search', since: undefined })} /> },
                      { id: 'history', label: 'History', view: <HistoryView deployment={deployment} search={search} onSearch={set} /> },
                    ]}
                  />
                </section>
              }
            />
          }
        />
      </div>
    </div>
  )
}

/** One deployment: what it is, what stands before and after it, and what it says. */
export default function DeploymentPage({ deploymentId }: { deploymentId: string }) {
  const { workspaceId } = useWorkspace()
  useRatesChannel(workspaceId)
  const deployments = useQuery(deploymentsQuery(workspaceId))
  // Lineage without topics is still lineage; nothing waits for them.
  const topics = useQuery(topicsQuery(workspaceId)).data?.value ?? NO_TOPICS
  const late = useDelayed(deployments.isPending)
  const deployment = deployments.data?.value.find((each) => each.deploymentId === deploymentId)

  if (deployments.isError && !deployments.data) {
    return <Failure title="The deployment cannot be shown" error={deployments.error} onRetry={() => void deployments.refetch()} />
  }
  if (!deployments.data) return late ? <DeploymentSkeleton /> : null
  if (!deployment) {
    return (
      <Empty
        title="There is no such deployment"
        link={
          <Link to="/deployments" search={{ workspace: workspaceId }} className="text-accent underline underline-offset-2">
            All deployments
          </Link>
        }
      >
        It was deleted, or stands in another environment.
      </Empty>
    )
  }
  return <DeploymentView deployment={deployment} deployments={deployments.data.value} topics={topics} />
}

const NO_TOPICS: Topic[] = []
