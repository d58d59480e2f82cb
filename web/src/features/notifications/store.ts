import type { Deployment, Topic } from '@/api/types'
import { remembered } from '@/components/storage'
import { gathered, type Known, knownOf, type Notice, noticesOf } from './notices'

interface Kept {
  known?: Known
  list: Notice[]
}

const NONE: Kept = { list: [] }
const listeners = new Set<() => void>()
const cache = new Map<string, { text: string | null; kept: Kept }>()
const nameOf = (workspaceId: string) => `notices.${workspaceId}`

function parse(text: string | null): Kept {
  if (!text) return NONE
  try {
    const kept = JSON.parse(text) as Partial<Kept>
    return Array.isArray(kept.list) ? { ...kept, list: kept.list } : NONE
  } catch {
    return NONE
  }
}

/** What this browser keeps; other tabs may have written it. */
function read(workspaceId: string): Kept {
  const text = remembered.get(nameOf(workspaceId))
  const known = cache.get(workspaceId)
  if (known && known.text === text) return known.kept
  const kept = parse(text)
  cache.set(workspaceId, { text, kept })
  return kept
}

function write(workspaceId: string, kept: Kept): void {
  remembered.set(nameOf(workspaceId), JSON.stringify(kept))
  for (const listener of listeners) listener()
}

/** The notices of each workspace, kept by this browser. */
export const notices = {
  subscribe(listener: () => void): () => void {
    const other = (event: StorageEvent) => event.key?.includes('notices.') && listener()
    listeners.add(listener)
    window.addEventListener('storage', other)
    return () => {
      listeners.delete(listener)
      window.removeEventListener('storage', other)
    }
  },
  of: (workspaceId: string): Notice[] => read(workspaceId).list,
  /** Compares with what was known; answers what nobody was told yet. */
  look(workspaceId: string, deployments: Deployment[], topics: Topic[], time = new Date().toISOString()): Notice[] {
    const { known, list } = read(workspaceId)
    const next = knownOf(deployments, topics)
    if (JSON.stringify(known) === JSON.stringify(next)) return []
    const { list: all, news } = gathered(list, noticesOf(known, deployments, topics, time))
    write(workspaceId, { known: next, list: all })
    return news
  },
  readAll(workspaceId: string): void {
    const kept = read(workspaceId)
    if (kept.list.some((notice) => !notice.read)) write(workspaceId, { ...kept, list: kept.list.map((notice) => ({ ...notice, read: true })) })
  },
  clear(workspaceId: string): void {
    write(workspaceId, { ...read(workspaceId), list: [] })
  },
}
