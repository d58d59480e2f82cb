import { Link } from '@tanstack/react-router'
import { Maximize2, Play, Square } from 'lucide-react'
import type { Deployment } from '@/api/types'
import { Button } from '@/components/button'
import { Panel } from '@/components/panel'
import type { Side } from '@/components/split'
import { canStart, canStop, Status } from '../pipeline/status'
import { useDeploymentAction } from './actions'
import { DeploymentFacts } from './deployment-facts'
import { type DeploymentTab, DeploymentViews } from './deployment-views'

interface Props {
  deployment: Deployment
  tab: DeploymentTab
  side: Side
  onTab: (tab: DeploymentTab) => void
  onSide: (side: Side) => void
  onTopic: (topic: string) => void
  onClose: () => void
}

/** A deployment: what it is, and what it says. */
export default function DeploymentPanel({ deployment, tab, side, onTab, onSide, onTopic, onClose }: Props) {
  const { mutate } = useDeploymentAction(deployment)
  const { deploymentId, workspaceId, name, status } = deployment
  return (
    <Panel
      title={
        <>
          <h2 className="truncate text-base font-semibold">{name}</h2>
          <Status status={status} />
        </>
      }
      tools={
        <>
          {canStart(status) && (
            <Button className="h-7" onClick={() => mutate('start')}>
              <Play className="size-3.5" /> Start
            </Button>
          )}
          {canStop(status) && (
            <Button className="h-7" onClick={() => mutate('stop')}>
              <Square className="size-3.5" /> Stop
            </Button>
          )}
          <Link
            to="/deployments/$deploymentId"
            params={{ deploymentId }}
            search={{ workspace: workspaceId }}
            aria-label={`Open the page of ${name}`}
            title="Open its page"
            className="inline-flex size-7 shrink-0 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-text"
          >
            <Maximize2 className="size-4" />
          </Link>
        </>
      }
      side={side}
      onSide={onSide}
      onClose={onClose}
      facts={<DeploymentFacts deployment={deployment} onTopic={onTopic} />}
    >
      <DeploymentViews deployment={deployment} tab={tab} onTab={onTab} />
    </Panel>
  )
}
