import type { Application, Deployment, DeploymentStatus, Replica, Topic, Variable, Workspace } from '../src/api/types'
import type { Change, Rates } from '../src/live/protocol'

/** A pretended platform: enough of one that the Portal can be worked on and tested without the real one. */

export interface Traffic {
  bytes: number
  records: number
}

export interface World {
  workspaces: Workspace[]
  applications: Map<string, Application>
  deployments: Map<string, Deployment>
  topics: Map<string, Topic>
  traffic: Map<string, Traffic>
  seq: Map<string, number>
  /** Consumer groups that were deleted. */
  groupsGone: Set<string>
  /** Where groups were moved to: how far they are behind since. */
  groupsMoved: Map<string, number>
  listeners: Set<(change: Change) => void>
}

const MIB = 1024 * 1024

export const ORIGIN = 'http://127.0.0.1:8001'

const free = (value: string): Variable => ({ inputType: 'FreeText', value })
const reads = (value: string): Variable => ({ inputType: 'InputTopic', value, required: true })
const writes = (value: string): Variable => ({ inputType: 'OutputTopic', value, required: true })

let ids = 0
/** Ids that look real and are the same in every run. */
function guid(): string {
  ids += 1
  return `00000000-0000-4000-8000-${String(ids).padStart(12, '0')}`
}

export function emptyWorld(): World {
  ids = 0
  return { workspaces: [], applications: new Map(), deployments: new Map(), topics: new Map(), traffic: new Map(), seq: new Map(), groupsGone: new Set(), groupsMoved: new Map(), listeners: new Set() }
}

export function addWorkspace(world: World, environment: string): string {
  const workspaceId = `acme-demo-${environment}`
  world.workspaces.push({
    workspaceId,
    name: `Demo ${environment}`,
    repositoryId: 'acme-demo',
    environmentName: environment,
    organisationId: 'acme',
    branch: 'main',
    branchProtected: false,
    brokerType: 'SharedKafka',
    brokerSettings: { brokerType: 'SharedKafka', syncTopics: false },
    status: 'Ready',
    version: 2,
    revision: 1,
    createdAt: '2026-01-31T10:00:00Z',
  })
  world.seq.set(workspaceId, 1)
  return workspaceId
}

export function addTopic(world: World, workspaceId: string, name: string, traffic: Traffic = { bytes: 0, records: 0 }, rest: Partial<Topic> = {}): void {
  const id = `${workspaceId}-${name}`
  world.traffic.set(id, traffic)
  world.topics.set(id, {
    id,
    name,
    workspaceId,
    status: 'Ready',
    configuration: { partitions: 1, replicationFactor: 1, retentionInMinutes: 1440, retentionInBytes: 52_428_800, cleanupPolicy: 'Delete' },
    persisted: false,
    external: false,
    unmanaged: false,
    sdkTopic: false,
    revision: 1,
    createdAt: '2026-01-31T11:00:00Z',
    updatedAt: '2026-01-31T11:00:00Z',
    records: Math.round(traffic.records * 86_400),
    bytes: Math.round(traffic.bytes * 43_200),
    lastRecordAt: traffic.records > 0 ? new Date(Date.now() - 1000 / traffic.records).toISOString() : null,
    ...rest,
  })
}

export function addApplication(world: World, workspaceId: string, name: string, rest: Partial<Application> = {}): Application {
  const applicationId = guid()
  const application: Application = {
    applicationId,
    workspaceId,
    applicationName: name,
    name,
    path: name.toLowerCase().replaceAll(' ', '-'),
    language: 'python',
    variables: [],
    includedFolders: [],
    status: 'Ready',
    revision: 1,
    createdAt: '2026-01-31T10:30:00Z',
    updatedAt: '2026-01-31T10:30:00Z',
    ...rest,
  }
  world.applications.set(applicationId, application)
  return application
}

interface Wish {
  name: string
  in?: string[]
  out?: string[]
  status?: DeploymentStatus
  rest?: Partial<Deployment>
}

export function addDeployment(world: World, workspaceId: string, { name, in: input = [], out: output = [], status = 'Running', rest = {} }: Wish): Deployment {
  const deploymentId = guid()
  const variables: Record<string, Variable> = {}
  input.forEach((topic, i) => Object.assign(variables, { [i ? `input_${i + 1}` : 'input']: reads(topic) }))
  output.forEach((topic, i) => Object.assign(variables, { [i ? `output_${i + 1}` : 'output']: writes(topic) }))
  const deployment: Deployment = {
    deploymentId,
    workspaceId,
    applicationId: guid(),
    applicationName: name,
    name,
    deploymentType: 'Service',
    status,
    replicas: 1,
    runningReplicas: status === 'Running' ? 1 : 0,
    cpuMillicores: 200,
    memoryInMb: 500,
    gitReference: '9f3c1e7a0b52d4486c1f0e9d8b7a6c5d4e3f2a1b',
    gitReferenceType: 'Latest',
    useLatest: true,
    desiredRunning: true,
    updateStatus: 'None',
    stateEnabled: false,
    publicUrls: [],
    version: 1,
    revision: 1,
    latestOutOfSync: false,
    applicationIsMissing: false,
    restartCount: 0,
    publicAccess: false,
    healthCheck: { type: 'Process', path: null, timeoutSeconds: 60 },
    jobRetries: 0,
    schedule: null,
    nextRunAt: null,
    rollback: null,
    wishRevision: 1,
    variables: { ...variables, interval_seconds: free('1') },
    startedAt: new Date(Date.now() - 340_000).toISOString(),
    createdAt: '2026-01-31T11:00:00Z',
    updatedAt: new Date(Date.now() - 340_000 - ids * 2_400_000).toISOString(),
    ...rest,
  }
  world.deployments.set(deploymentId, deployment)
  return deployment
}

/** Writes a change into the workspace's feed. */
export function changed(world: World, workspaceId: string, kind: Change['kind'], id: string, revision: number): void {
  const seq = (world.seq.get(workspaceId) ?? 0) + 1
  world.seq.set(workspaceId, seq)
  for (const listener of world.listeners) listener({ workspaceId, seq, kind, id, revision })
}

export function setStatus(world: World, id: string, status: DeploymentStatus, more: Partial<Deployment> = {}): Deployment | undefined {
  const before = world.deployments.get(id)
  if (!before) return undefined
  const runningReplicas = status === 'Running' ? before.replicas : 0
  const after = { ...before, status, runningReplicas, revision: before.revision + 1, ...more }
  world.deployments.set(id, after)
  changed(world, after.workspaceId, 'deployment', id, after.revision)
  return after
}

export function remove(world: World, id: string): void {
  const gone = world.deployments.get(id)
  if (world.deployments.delete(id) && gone) changed(world, gone.workspaceId, 'deployment', id, -1)
}

export function replicasOf(deployment: Deployment): Replica[] {
  const outOfMemory = deployment.statusReason?.includes('out of memory') ?? false
  return Array.from({ length: outOfMemory ? deployment.replicas : deployment.runningReplicas }, (_, index) => ({
    replicaId: `${deployment.name.toLowerCase().replaceAll(' ', '-')}-${deployment.version}-${index}`,
    index,
    version: deployment.version,
    attempt: deployment.restartCount + 1,
    status: outOfMemory ? 'Waiting' : 'Running',
    ...(outOfMemory && { reason: deployment.statusReason }),
    restartCount: deployment.restartCount,
    startedAt: deployment.startedAt,
    port: 41_200 + index,
    isolation: { uid: 61_001, namespaces: true, landlock: true },
    limits: { cpuMillicores: deployment.cpuMillicores, memoryBytes: deployment.memoryInMb * MIB, processes: 256, openFiles: 4096, enforcedBy: 'cgroup2' as const, note: null },
    state: deployment.stateEnabled ? { usedBytes: 0.43 * (deployment.stateSize ?? 1) * 1024 * MIB, limitBytes: (deployment.stateSize ?? 1) * 1024 * MIB } : null,
    outOfMemory,
  }))
}

function wave(seed: number, size: number): number {
  return size * (1 + 0.18 * Math.sin(Date.now() / 1700 + seed))
}

/** Whether something runs that writes the topic; topics that nobody here writes are filled from outside. */
export function flows(world: World, topic: Topic): boolean {
  const ofWorkspace = [...world.deployments.values()].filter((each) => each.workspaceId === topic.workspaceId)
  const producers = ofWorkspace.filter((each) =>
    Object.values(each.variables).some((variable) => variable.inputType === 'OutputTopic' && variable.value === topic.name),
  )
  return producers.length === 0 || producers.some((each) => each.status === 'Running')
}

/** The figures of this second. */
export function ratesOf(world: World, workspaceId: string): Rates {
  const rates: Rates = { time: new Date().toISOString(), topics: {}, deployments: {} }
  let seed = 0
  for (const topic of world.topics.values()) {
    if (topic.workspaceId !== workspaceId) continue
    seed += 1
    const { bytes, records } = flows(world, topic) ? (world.traffic.get(topic.id) ?? { bytes: 0, records: 0 }) : { bytes: 0, records: 0 }
    const now = wave(seed, bytes)
    rates.topics[topic.name] = { bytesInPerSecond: now, bytesOutPerSecond: now, recordsInPerSecond: records }
  }
  for (const each of world.deployments.values()) {
    if (each.workspaceId !== workspaceId || each.runningReplicas === 0) continue
    seed += 1
    const usage = { cpuMillicores: wave(seed, each.cpuMillicores * (0.1 + (seed % 5) * 0.12)), memoryBytes: wave(seed / 9, each.memoryInMb * MIB * (0.2 + (seed % 4) * 0.15)) }
    rates.deployments[each.deploymentId] = { ...usage, restarts: each.restartCount, lag: seed % 3 === 0 ? 0 : seed * 7, replicas: [{ index: 0, ...usage }] }
  }
  return rates
}
