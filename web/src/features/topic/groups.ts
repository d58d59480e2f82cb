import { count } from '@/components/format'

export function groupsKey(workspaceId: string, topic: string) {
  return ['groups', workspaceId, topic] as const
}

/** A group without the workspace that its name begins with. */
export function groupName(group: string, workspaceId: string): string {
  return group.startsWith(`${workspaceId}-`) ? group.slice(workspaceId.length + 1) : group
}

/** `20,400 records behind`, `up to date`. */
export function lagText(lag: number | null): string {
  if (lag === null) return 'not known'
  if (lag === 0) return 'up to date'
  return `${count(lag)} ${lag === 1 ? 'record' : 'records'} behind`
}
