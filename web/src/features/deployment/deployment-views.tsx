import { lazy, type ReactNode, Suspense } from 'react'
import type { Deployment } from '@/api/types'
import { Tabs } from '@/components/tabs'
import { followed } from './log-scope'
import { LogView } from './log-view'

const BuildView = lazy(() => import('../build/build-view'))

export type DeploymentTab = 'logs' | 'build' | 'messages' | 'metrics' | 'history'

interface Props {
  deployment: Deployment
  tab: DeploymentTab
  onTab: (tab: DeploymentTab) => void
  /** What else a page shows, in its order; a tab named as one that stands here takes its place. */
  more?: { id: DeploymentTab; label: string; view: ReactNode }[]
}

/** What a deployment says: its logs and its build; on its page more. */
export function DeploymentViews({ deployment, tab, onTab, more = [] }: Props) {
  const { deploymentId, revision } = deployment
  const own: NonNullable<Props['more']> = [
    {
      id: 'logs',
      label: 'Logs',
      view: (
        <LogView
          key={`run ${deploymentId} ${deployment.rollback?.to}`}
          deploymentId={deploymentId}
          revision={revision}
          source="run"
          scope={followed(deployment)}
          empty="Nothing was written yet. Lines appear here as the application writes them."
        />
      ),
    },
    { id: 'build', label: 'Build', view: <BuildView key={deploymentId} deployment={deployment} /> },
  ]
  const tabs = [...own.map((each) => more.find(({ id }) => id === each.id) ?? each), ...more.filter(({ id }) => !own.some((each) => each.id === id))]
  const shown = tabs.find(({ id }) => id === tab) ?? tabs[0]
  return (
    <div className="flex h-full min-h-0 min-w-0 flex-col">
      <div className="h-9 shrink-0 border-b border-line px-2">
        <Tabs label="Views of the deployment" tabs={tabs} chosen={shown?.id ?? 'logs'} onChoose={onTab} />
      </div>
      <div role="tabpanel" aria-label={shown?.label} className="min-h-0 grow">
        <Suspense>{shown?.view}</Suspense>
      </div>
    </div>
  )
}
