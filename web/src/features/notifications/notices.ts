import type { Deployment, DeploymentStatus, Topic } from '@/api/types'

export type Kind = 'build' | 'runtime' | 'rollback' | 'completed' | 'topic'

/** Something that happened to a deployment or a topic, worth being told. */
export interface Notice {
  id: string
  kind: Kind
  title: string
  detail: string | null
  /** When this browser learned of it. */
  time: string
  /** Somebody has to do something. */
  urgent: boolean
  deploymentId?: string
  topic?: string
  /** How often it happened within a short while. */
  times: number
  read: boolean
}

/** What was known when last looked: how each object did. */
export interface Known {
  deployments: Record<string, { status: DeploymentStatus; rollback: string | null }>
  topics: Record<string, string>
}

export function knownOf(deployments: Deployment[], topics: Topic[]): Known {
  return {
    deployments: Object.fromEntries(deployments.map(({ deploymentId, status, rollback }) => [deploymentId, { status, rollback: rollback?.at ?? null }])),
    topics: Object.fromEntries(topics.map(({ id, status }) => [id, status])),
  }
}

type Told = Pick<Notice, 'kind' | 'title' | 'detail' | 'urgent'>

function toldOf(deployment: Deployment): Told | undefined {
  const { name, status, statusReason } = deployment
  const detail = statusReason ?? null
  switch (status) {
    case 'BuildFailed':
      // Who cancelled a build knows.
      return statusReason?.startsWith('The build was cancelled') ? undefined : { kind: 'build', title: `The build of ${name} failed`, detail, urgent: true }
    case 'RuntimeError':
      return { kind: 'runtime', title: `${name} ended in an error`, detail, urgent: true }
    case 'DeploymentFailed':
      return { kind: 'runtime', title: `${name} could not be started`, detail, urgent: true }
    case 'Completed':
      return { kind: 'completed', title: `${name} is completed`, detail, urgent: false }
    default:
      return undefined
  }
}

/** What happened since it was last looked. Who looks for the first time is told nothing of the past. */
export function noticesOf(known: Known | undefined, deployments: Deployment[], topics: Topic[], time: string): Notice[] {
  if (!known) return []
  const found: Notice[] = []
  const add = (object: string, told: Told, place: Pick<Notice, 'deploymentId' | 'topic'>) =>
    found.push({ ...told, ...place, id: `${object} ${told.kind} ${time}`, time, times: 1, read: false })
  for (const deployment of deployments) {
    const { deploymentId, name, status, rollback } = deployment
    const before = known.deployments[deploymentId]
    const told = before?.status === status ? undefined : toldOf(deployment)
    if (told) add(deploymentId, told, { deploymentId })
    if (rollback && rollback.at !== before?.rollback) {
      add(deploymentId, { kind: 'rollback', title: `${name} went back to version ${rollback.to}`, detail: rollback.reason, urgent: true }, { deploymentId })
    }
  }
  for (const { id, name, status, lastError } of topics) {
    if (status !== 'Error' || known.topics[id] === 'Error') continue
    add(id, { kind: 'topic', title: `Topic ${name} is in error`, detail: lastError ?? null, urgent: true }, { topic: name })
  }
  return found
}

/** Within this time the same thing of the same object is one notice. */
const TOGETHER = 10 * 60_000
export const KEPT = 100

const same = (a: Notice, b: Notice) => a.kind === b.kind && a.deploymentId === b.deploymentId && a.topic === b.topic

/** The list with what is new on top, and what of it nobody was told yet: a crash that repeats is told once. */
export function gathered(list: Notice[], fresh: Notice[]): { list: Notice[]; news: Notice[] } {
  let next = list
  const news: Notice[] = []
  for (const notice of fresh) {
    const before = next.find((each) => same(each, notice) && Date.parse(notice.time) - Date.parse(each.time) < TOGETHER)
    if (!before) news.push(notice)
    next = [before ? { ...notice, times: before.times + 1 } : notice, ...next.filter((each) => each !== before)]
  }
  return { list: next.slice(0, KEPT), news }
}
