import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense } from 'react'
import { deploymentsQuery, topicsQuery } from '@/api/queries'
import type { Deployment, Topic } from '@/api/types'
import { Failure } from '@/components/failure'
import { Split } from '@/components/split'
import { useDelayed } from '@/components/use-delayed'
import { useEscape } from '@/components/use-escape'
import { useSide } from '@/components/use-side'
import { useRatesChannel } from '@/live/use-rates'
import { DeployButton } from '../deployment/deploy-button'
import { useWorkspace } from '../shell/workspace'
import { NOBODY, usersByTopic } from '../topic/users'
import { PipelineGraph } from './pipeline-graph'
import { EmptyPipeline, PipelineSkeleton } from './states'
import { PipelineTitle } from './title'

const DeploymentPanel = lazy(() => import('../deployment/deployment-panel'))
const TopicPanel = lazy(() => import('../topic/topic-panel'))

function usePipelineSearch() {
  const search = useSearch({ from: '/shell/pipeline' })
  const navigate = useNavigate({ from: '/pipeline' })
  return {
    search,
    openDeployment: (deployment: string, tab?: 'logs' | 'build') =>
      void navigate({ search: ({ workspace }) => ({ workspace, deployment, tab }) }),
    openTopic: (topic: string) => void navigate({ search: ({ workspace }) => ({ workspace, topic }) }),
    close: () => void navigate({ search: ({ workspace }) => ({ workspace }) }),
  }
}

interface ViewProps {
  workspaceId: string
  deployments: Deployment[]
  topics: Topic[]
}

function PipelineView({ workspaceId, deployments, topics }: ViewProps) {
  const [side, setSide] = useSide()
  const { search, openDeployment, openTopic, close } = usePipelineSearch()
  const deployment = deployments.find((each) => each.deploymentId === search.deployment)
  const { topic } = search
  useEscape(Boolean(deployment || topic), close)

  let pane: ReactNode
  if (deployment) {
    pane = (
      <DeploymentPanel
        deployment={deployment}
        tab={search.tab ?? 'logs'}
        side={side}
        onTab={(tab) => openDeployment(deployment.deploymentId, tab === 'build' ? tab : undefined)}
        onTopic={openTopic}
        onSide={setSide}
        onClose={close}
      />
    )
  } else if (topic) {
    pane = (
      <TopicPanel
        workspaceId={workspaceId}
        name={topic}
        topic={topics.find((each) => each.name === topic)}
        users={usersByTopic(deployments).get(topic) ?? NOBODY}
        side={side}
        onDeployment={openDeployment}
        onSide={setSide}
        onClose={close}
      />
    )
  }
  return (
    <Split
      name="pipeline"
      side={side}
      main={
        <div className="flex h-full flex-col">
          <PipelineTitle deployments={deployments} deploy={<DeployButton workspaceId={workspaceId} onDeployed={(id) => openDeployment(id, 'build')} />} />
          <div className="min-h-0 grow">
            <PipelineGraph
              deployments={deployments}
              topics={topics}
              selected={{ deployment: deployment?.deploymentId, topic }}
              onOpenDeployment={openDeployment}
              onOpenTopic={openTopic}
            />
          </div>
        </div>
      }
      pane={pane && <Suspense fallback={<div className="h-full bg-surface" />}>{pane}</Suspense>}
    />
  )
}

/** The pipeline of the workspace that the address names. */
export default function PipelinePage() {
  const { workspaceId, workspace } = useWorkspace()
  useRatesChannel(workspaceId)
  const deployments = useQuery(deploymentsQuery(workspaceId))
  const topics = useQuery(topicsQuery(workspaceId))
  const { openDeployment } = usePipelineSearch()
  const pending = deployments.isPending || topics.isPending
  const late = useDelayed(pending)

  const failed = [deployments, topics].find((query) => query.isError && !query.data)
  if (failed) {
    const retry = () => void Promise.all([deployments.refetch(), topics.refetch()])
    return <Failure title="The pipeline cannot be shown" error={failed.error} onRetry={retry} />
  }
  if (!deployments.data || !topics.data) return late ? <PipelineSkeleton /> : null
  if (deployments.data.value.length === 0 && topics.data.value.length === 0) {
    return <EmptyPipeline workspace={workspace} deploy={<DeployButton workspaceId={workspaceId} onDeployed={(id) => openDeployment(id, 'build')} />} />
  }
  return <PipelineView workspaceId={workspaceId} deployments={deployments.data.value} topics={topics.data.value} />
}
