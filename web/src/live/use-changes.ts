import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { Seen } from '@/api/client'
import { freshness, keys } from '@/api/queries'
import { useChannel } from './live'
import type { Change } from './protocol'

/** Changes that come together are answered by one read. */
const GATHER = 60

/** What a change makes old. */
function keysOf(change: Change): (readonly unknown[])[] {
  switch (change.kind) {
    case 'deployment':
      return [keys.deployments(change.workspaceId), keys.deployment(change.workspaceId, change.id)]
    case 'application':
      return [keys.applications(change.workspaceId), keys.deployments(change.workspaceId)]
    case 'topic':
      return [keys.topics(change.workspaceId)]
    case 'workspace':
      return [keys.workspaces]
    case 'token':
      return []
  }
}

/** Follows the workspace's changes and makes exactly what they touch be read again. */
export function useChanges(workspaceId: string): void {
  const client = useQueryClient()
  const gathered = useRef(new Map<string, readonly unknown[]>())
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  const refresh = (key: readonly unknown[]) => {
    gathered.current.set(JSON.stringify(key), key)
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      const due = [...gathered.current.values()]
      gathered.current.clear()
      for (const queryKey of due) void client.invalidateQueries({ queryKey })
    }, GATHER)
  }

  useEffect(
    () => () => {
      clearTimeout(timer.current)
      timer.current = undefined
    },
    [workspaceId],
  )

  useChannel<Change>(
    { kind: 'changes', workspaceId },
    {
      // From the moment it is open nothing is missed; what was read before may be older than that.
      opened: (cursor) => {
        const seq = Number(cursor ?? 0)
        if (seq > freshness.of(workspaceId)) refresh(['workspace', workspaceId])
        freshness.note(workspaceId, seq)
      },
      event: (change) => {
        freshness.note(workspaceId, change.seq)
        for (const key of keysOf(change)) refresh(key)
      },
      reset: (cursor) => {
        freshness.restart(workspaceId, Number(cursor ?? 0))
        // What is shown may count further than the platform does now; it must not win over what is read next.
        client.setQueriesData<Partial<Seen<unknown>>>({ queryKey: ['workspace', workspaceId] }, (shown) =>
          shown?.asOf === undefined ? shown : { ...shown, asOf: 0 },
        )
        refresh(['workspace', workspaceId])
      },
    },
  )
}
