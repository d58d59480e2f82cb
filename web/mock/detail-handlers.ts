import { http, HttpResponse } from 'msw'
import type { Build, Deployment, Group } from '../src/api/types'
import { deploymentMetrics, topicMetrics } from './figures.ts'
import { differenceOf, versionsOf } from './history.ts'
import { messagesOf } from './messages.ts'
import { runsOf, searchLogs } from './logs.ts'
import { gate, missing, refuse, type Ways } from './refusals.ts'
import { setStatus, type World } from './world.ts'

const used = (deployment: Deployment, inputType: string) =>
  Object.values(deployment.variables).flatMap((variable) => (variable.inputType === inputType && variable.value ? [variable.value] : []))

function groupOf(world: World, deployment: Deployment, topic: string): Group {
  const partitions = world.topics.get(`${deployment.workspaceId}-${topic}`)?.configuration.partitions ?? 1
  const group = `${deployment.workspaceId}-${deployment.name.toLowerCase().replaceAll(' ', '-')}`
  const rows = Array.from({ length: partitions }, (_, partition) => {
    const end = 48_211 + partition * 97
    const moved = world.groupsMoved.get(group)
    const lag = moved !== undefined ? Math.min(end, moved) : deployment.status === 'Running' ? (partition * 13) % 40 : 20_400 + partition
    const member = deployment.runningReplicas > 0 ? partition % deployment.runningReplicas : null
    return { partition, committed: end - lag, end, lag, memberId: member === null ? null : `rdkafka-${member}`, clientId: member === null ? null : 'rdkafka', deploymentId: member === null ? null : deployment.deploymentId, replica: member }
  })
  return {
    group,
    topic,
    state: deployment.runningReplicas > 0 ? 'Stable' : 'Empty',
    members: deployment.runningReplicas,
    deploymentIds: [deployment.deploymentId],
    lag: rows.reduce((sum, { lag }) => sum + lag, 0),
    partitions: rows,
  }
}

export function groupsOfTopic(world: World, workspaceId: string, topic: string): Group[] {
  const readers = [...world.deployments.values()].filter((each) => each.workspaceId === workspaceId && used(each, 'InputTopic').includes(topic))
  return readers.map((each) => groupOf(world, each, topic)).filter(({ group }) => !world.groupsGone.has(group))
}

function buildOf(deployment: Deployment): Build {
  const at = Date.parse(deployment.updatedAt)
  const time = (seconds: number) => new Date(at + seconds * 1000).toISOString()
  const step = (name: string, from: number, to: number | null, status: 'Succeeded' | 'Failed' | 'Running' = 'Succeeded') => ({ name, startedAt: time(from), endedAt: to === null ? null : time(to), seconds: to === null ? null : to - from, status })
  const base = { buildId: `b-${deployment.deploymentId}`, version: deployment.version, reason: null, position: null, createdAt: time(0), startedAt: time(0.4), cached: false, failingLine: null }
  switch (deployment.status) {
    case 'QueuedForBuild':
      return { ...base, status: 'Queued', position: 2, startedAt: null, endedAt: null, cached: null, steps: [] }
    case 'Building':
      return { ...base, status: 'Running', createdAt: new Date(Date.now() - 21_000).toISOString(), endedAt: null, cached: null, steps: [step('Resolve', 0.4, 2.1), { ...step('Install', 2.1, null, 'Running'), startedAt: new Date(Date.now() - 18_400).toISOString() }] }
    case 'BuildFailed':
      if (deployment.statusReason?.startsWith('The build was cancelled')) return { ...base, status: 'Cancelled', reason: deployment.statusReason, endedAt: time(9), steps: [step('Resolve', 0.4, 2.1)] }
      return { ...base, status: 'Failed', reason: deployment.statusReason ?? 'The build failed.', endedAt: time(3.4), failingLine: { text: 'ERROR: No matching distribution found for scikit-learn==99 (from -r requirements.txt, line 3)', offset: 812 }, steps: [step('Resolve', 0.4, 1.2), step('Install', 1.2, 3.4, 'Failed')] }
    default:
      return { ...base, status: 'Succeeded', endedAt: time(6.2), steps: [step('Resolve', 0.4, 1.6), step('Install', 1.6, 5.7), step('Copy', 5.7, 6.2)] }
  }
}

function asked(url: string) {
  const query = new URL(url).searchParams
  return { from: Date.parse(query.get('from') ?? ''), to: Date.parse(query.get('to') ?? ''), points: Number(query.get('points') ?? 300) }
}

/** What is read about one deployment or topic. */
export function detailHandlers(world: World, ways: Ways) {
  type Id = { id: string }
  const reading = (answer: (deployment: Deployment, request: Request, params: Record<string, string>) => unknown) =>
    async ({ params, request }: { params: Id; request: Request }) => {
      const refused = await gate(ways)
      const deployment = world.deployments.get(params.id)
      if (refused) return refused
      if (!deployment) return missing('deployment', params.id)
      const answered = answer(deployment, request, params as unknown as Record<string, string>)
      return answered instanceof Response ? answered : HttpResponse.json(answered as object)
    }
  const changing = (act: (deployment: Deployment, request: Request) => Promise<Response> | Response) =>
    async ({ params, request }: { params: Id; request: Request }) => {
      const deployment = world.deployments.get(params.id)
      if (!deployment) return missing('deployment', params.id)
      return (await gate(ways, { ws: deployment.workspaceId, verb: 'change', what: 'deployment' })) ?? (await act(deployment, request))
    }
  type OfGroup = { ws: string; group: string }
  const changingGroup = (act: (group: Group, request: Request) => Promise<Response> | Response) =>
    async ({ params: { ws, group }, request }: { params: OfGroup; request: Request }) => {
      const refused = await gate(ways, { ws, verb: 'change', what: 'topic' })
      const all = [...world.topics.values()].filter((topic) => topic.workspaceId === ws).flatMap(({ name }) => groupsOfTopic(world, ws, name))
      const found = all.find((each) => each.group === group)
      if (refused) return refused
      if (!found) return missing('consumer group', group)
      return found.members > 0 ? refuse(409, 'group-in-use', `${group} has members.`, 'Stop them first.') : await act(found, request)
    }
  const ofTopic = (answer: (ws: string, name: string, request: Request) => object) =>
    async ({ params: { ws, name }, request }: { params: { ws: string; name: string }; request: Request }) =>
      (await gate(ways)) ?? (world.topics.has(`${ws}-${name}`) ? HttpResponse.json(answer(ws, name, request)) : missing('topic', name))

  return [
    http.get<Id>('*/deployments/:id/versions', reading(versionsOf)),
    http.get<Id>('*/deployments/:id/versions/:version/changes', reading((deployment, request, { version }) => {
      const against = Number(new URL(request.url).searchParams.get('against'))
      return differenceOf(deployment, Number(version), against) ?? missing('version', version)
    })),
    http.post<Id>('*/deployments/:id/rollback', changing(async (deployment, request) => {
      const { version } = (await request.json()) as { version: number }
      if (version === deployment.version) return refuse(409, 'conflict', 'That version stands already.')
      const next = setStatus(world, deployment.deploymentId, deployment.status, { version: Math.max(deployment.version, deployment.rollback?.from ?? 0) + 1, rollback: null, updateStatus: 'Deploying', updatedAt: new Date().toISOString(), runningReplicas: deployment.runningReplicas })
      setTimeout(() => setStatus(world, deployment.deploymentId, deployment.status, { updateStatus: 'None' }), ways.lag + 900)
      return HttpResponse.json(next)
    })),
    http.get<Id>('*/deployments/:id/build', reading(buildOf)),
    http.put<Id>('*/deployments/:id/build/cancel', changing((deployment) => HttpResponse.json(setStatus(world, deployment.deploymentId, 'BuildFailed', { statusReason: 'The build was cancelled by Ada Lovelace.' })))),
    http.get<Id>('*/deployments/:id/runs', reading(runsOf)),
    http.get<Id>('*/deployments/:id/logs/search', reading((deployment, request) => {
      const query = new URL(request.url).searchParams
      if (query.get('regex') === '(') return refuse(400, 'invalid', 'regex: the group at character 1 is not closed')
      return searchLogs(deployment, query)
    })),
    http.get<Id>('*/deployments/:id/metrics', reading((deployment, request) => deploymentMetrics(deployment, used(deployment, 'InputTopic').slice(0, 4).map((topic) => groupOf(world, deployment, topic)), asked(request.url)))),
    http.get<{ ws: string; name: string }>('*/:ws/topics/:name/metrics', ofTopic((ws, name, request) => topicMetrics(world.traffic.get(`${ws}-${name}`) ?? { bytes: 0, records: 0 }, name.length, asked(request.url)))),
    http.post<OfGroup>('*/:ws/groups/:group/offsets', changingGroup(async (found, request) => {
      const { to } = (await request.json()) as { to: string }
      world.groupsMoved.set(found.group, to === 'earliest' ? 48_211 : 0)
      return new HttpResponse(null, { status: 204 })
    })),
    http.delete<OfGroup>('*/:ws/groups/:group', changingGroup((found) => {
      world.groupsGone.add(found.group)
      return new HttpResponse(null, { status: 204 })
    })),
    http.get<{ ws: string; name: string }>('*/:ws/topics/:name/messages', ofTopic((_, name, request) => messagesOf(name, new URL(request.url).searchParams))),
    http.get<{ ws: string; name: string }>('*/:ws/topics/:name/groups', ofTopic((ws, name) => groupsOfTopic(world, ws, name))),
  ]
}
