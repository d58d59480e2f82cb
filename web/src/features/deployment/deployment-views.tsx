import type { ReactNode } from 'react'
import type { Deployment } from '@/api/types'
import { Tabs } from '@/components/tabs'
import { LogView } from './log-view'

export type DeploymentTab = 'logs' | 'build' | 'messages'

interface Props {
  deployment: Deployment
  tab: DeploymentTab
  onTab: (tab: DeploymentTab) => void
  /** What the messages tab shows; without it there is no such tab. */
  messages?: ReactNode
}

/** What a deployment says: its logs, its build, and the messages of its topics. */
export function DeploymentViews({ deployment: { deploymentId, version, revision }, tab, onTab, messages }: Props) {
  const tabs: { id: DeploymentTab; label: string }[] = [
    { id: 'logs', label: 'Logs' },
    { id: 'build', label: 'Build' },
    ...(messages ? [{ id: 'messages' as const, label: 'Messages' }] : []),
  ]
  const shown = tab === 'messages' && !messages ? 'logs' : tab
  return (
    <div className="flex h-full min-h-0 min-w-0 flex-col">
      <div className="h-9 shrink-0 border-b border-line px-2">
        <Tabs label="Views of the deployment" tabs={tabs} chosen={shown} onChoose={onTab} />
      </div>
      <div role="tabpanel" aria-label={tabs.find(({ id }) => id === shown)?.label} className="min-h-0 grow">
        {shown === 'messages' && messages}
        {shown === 'logs' && (
          <LogView
            key={`run ${deploymentId}`}
            deploymentId={deploymentId}
            revision={revision}
            source="run"
            empty="Nothing was written yet. Lines appear here as the application writes them."
          />
        )}
        {shown === 'build' && (
          <LogView
            key={`build ${deploymentId} ${version}`}
            deploymentId={deploymentId}
            revision={revision}
            source="build"
            empty="The build has not written anything yet."
          />
        )}
      </div>
    </div>
  )
}
