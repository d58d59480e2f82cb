import { Play, Square } from 'lucide-react'
import type { Deployment } from '@/api/types'
import { Button } from '@/components/button'
import { Panel } from '@/components/panel'
import type { Side } from '@/components/split'
import { Tabs } from '@/components/tabs'
import { canStart, canStop, Status } from '../pipeline/status'
import { useDeploymentAction } from './actions'
import { DeploymentFacts } from './deployment-facts'
import { LogView } from './log-view'

export type DeploymentTab = 'logs' | 'build'

const TABS: { id: DeploymentTab; label: string }[] = [
  { id: 'logs', label: 'Logs' },
  { id: 'build', label: 'Build' },
]

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
  const { deploymentId, name, status, version, revision } = deployment
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
        </>
      }
      side={side}
      onSide={onSide}
      onClose={onClose}
      facts={<DeploymentFacts deployment={deployment} onTopic={onTopic} />}
    >
      <div className="h-9 shrink-0 border-b border-line px-2">
        <Tabs label="Views of the deployment" tabs={TABS} chosen={tab} onChoose={onTab} />
      </div>
      <div role="tabpanel" className="min-h-0 grow">
        {tab === 'logs' ? (
          <LogView
            key={`run ${deploymentId}`}
            deploymentId={deploymentId}
            revision={revision}
            source="run"
            empty="Nothing was written yet. Lines appear here as the application writes them."
          />
        ) : (
          <LogView
            key={`build ${deploymentId} ${version}`}
            deploymentId={deploymentId}
            revision={revision}
            source="build"
            empty="The build has not written anything yet."
          />
        )}
      </div>
    </Panel>
  )
}
