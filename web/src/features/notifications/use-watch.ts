import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useEffectEvent } from 'react'
import { deploymentsQuery, topicsQuery } from '@/api/queries'
import type { Deployment, Topic } from '@/api/types'
import { tellNeed } from '@/components/tell'
import type { Notice } from './notices'
import { notices } from './store'

/** More toasts than this at once hide the page. */
const MOST = 2

/** Where a notice is looked into. */
export function useOpenNotice(workspaceId: string): (notice: Notice) => void {
  const navigate = useNavigate()
  return ({ deploymentId, topic, kind }) => {
    if (topic) return void navigate({ to: '/topics', search: { workspace: workspaceId, topic } })
    if (!deploymentId) return
    const tab = kind === 'build' ? ('build' as const) : kind === 'rollback' ? ('history' as const) : undefined
    void navigate({ to: '/deployments/$deploymentId', params: { deploymentId }, search: { workspace: workspaceId, ...(tab && { tab }) } })
  }
}

/** Follows how everything does, and says at once what somebody has to do something about. */
export function useWatch(workspaceId: string): void {
  const deployments = useQuery(deploymentsQuery(workspaceId)).data?.value
  const topics = useQuery(topicsQuery(workspaceId)).data?.value
  const open = useOpenNotice(workspaceId)
  const look = useEffectEvent((all: Deployment[], known: Topic[]) => {
    const urgent = notices.look(workspaceId, all, known).filter((notice) => notice.urgent)
    if (urgent.length > MOST) return tellNeed(`${urgent.length} things need you`, urgent.map(({ title }) => title).join('. '))
    for (const notice of urgent) tellNeed(notice.title, notice.detail ?? undefined, { label: 'Look into it', onSelect: () => open(notice) })
  })
  useEffect(() => {
    if (deployments && topics) look(deployments, topics)
  }, [deployments, topics, workspaceId])
}
