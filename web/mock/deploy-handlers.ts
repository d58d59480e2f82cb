import { http, HttpResponse } from 'msw'
import type { Deployment, Variable, WantedDeployment } from '../src/api/types'
import { gate, missing, refuse, type Ways } from './refusals.ts'
import { addDeployment, addTopic, changed, setStatus, type World } from './world.ts'

const MASK = '••••••'
const HEAD = 'b71fd02c9a4e58d3361f0a8c7e2d95b4f6013a7c'
const COMMITS = ['Route alerts by shift', 'Read the severity from a variable', 'First version'].map((message, i) => ({
  reference: [HEAD, '9f3c1e7a0b52d4486c1f0e9d8b7a6c5d4e3f2a1b', '02c5a91e7d3b4f6608a1c2d3e4f5061728394a5b'][i] as string,
  message,
  authorName: ['Ada Lovelace', 'Grace Hopper', 'Ada Lovelace'][i] as string,
  createdAt: `2026-01-${30 - i}T09:00:00Z`,
}))
const TAGS = [{ name: 'v1.4.0', reference: '9f3c1e7a0b52d4486c1f0e9d8b7a6c5d4e3f2a1b' }, { name: 'v1.3.2', reference: '02c5a91e7d3b4f6608a1c2d3e4f5061728394a5b' }]

type OfApplication = { ws: string; application: string }

/** Hidden values do not show; sent back as they show, they are the ones from before. */
function masked(variables: Record<string, Variable>): Record<string, Variable> {
  const hide = (variable: Variable) => (['HiddenText', 'Secret'].includes(variable.inputType ?? '') && variable.value ? { ...variable, value: MASK } : variable)
  return Object.fromEntries(Object.entries(variables).map(([name, variable]) => [name, hide(variable)]))
}

function partsOf(wanted: WantedDeployment, workspaceId: string): Partial<Deployment> {
  const { name, deploymentType, replicas, cpuMillicores, memoryInMb, variables, publicAccess, urlPrefix, stateEnabled, stateSize, useLatest, gitReference, gitReferenceType, healthCheck, jobRetries, schedule } = wanted
  const given = { healthCheck, jobRetries, name, deploymentType, replicas, cpuMillicores, memoryInMb, publicAccess, urlPrefix, stateEnabled, stateSize }
  const url = publicAccess ? `http://127.0.0.1:8001/${urlPrefix}-${workspaceId}/` : undefined
  return {
    ...(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null)) as Partial<Deployment>),
    ...(schedule !== undefined && { schedule }),
    ...(variables && { variables: masked(variables) }),
    ...(publicAccess !== undefined && { publicUrl: url, publicUrls: url ? [url] : [] }),
    ...(useLatest && { useLatest: true, gitReferenceType: 'Latest', gitReference: HEAD, gitTag: null, latestOutOfSync: false }),
    ...(gitReferenceType === 'Tag' && { useLatest: false, gitReferenceType, gitTag: gitReference, gitReference: TAGS.find((tag) => tag.name === gitReference)?.reference ?? HEAD }),
    ...(gitReferenceType === 'Commit' && { useLatest: false, gitReferenceType, gitTag: null, gitReference: gitReference ?? HEAD }),
  }
}

/** Applications, and what makes deployments of them. */
export function deployHandlers(world: World, ways: Ways) {
  const soon = (steps: (() => void)[]) => steps.forEach((step, i) => setTimeout(step, ways.lag + 900 * (i + 1)))
  const ensureTopics = (ws: string, variables: Record<string, Variable>) => {
    for (const { inputType, value } of Object.values(variables)) {
      if (!['InputTopic', 'OutputTopic'].includes(inputType ?? '') || !value || world.topics.has(`${ws}-${value}`)) continue
      addTopic(world, ws, value, undefined, { sdkTopic: true })
      changed(world, ws, 'topic', `${ws}-${value}`, 1)
    }
  }

  return [
    http.get<{ ws: string }>('*/:ws/applications', async ({ params: { ws } }) => {
      const applications = [...world.applications.values()].filter((each) => each.workspaceId === ws)
      return (await gate(ways)) ?? HttpResponse.json(applications, { headers: { 'X-As-Of': String(world.seq.get(ws) ?? 0) } })
    }),
    http.get<OfApplication>('*/:ws/applications/:application/tags', async () => (await gate(ways)) ?? HttpResponse.json(TAGS)),
    http.get<OfApplication>('*/:ws/applications/:application/commits', async () => (await gate(ways)) ?? HttpResponse.json(COMMITS)),
    http.post<never, WantedDeployment>('*/deployments', async ({ request }) => {
      const wanted = await request.json()
      const ws = wanted.workspaceId ?? ''
      const refused = await gate(ways, { ws, verb: 'create', what: 'deployment' })
      if (refused) return refused
      const application = world.applications.get(wanted.applicationId ?? '')
      if (!application) return missing('application', wanted.applicationId)
      if (wanted.urlPrefix === 'taken') return refuse(409, 'name-taken', "The URL prefix 'taken' is taken.", 'Choose another.')
      if ((wanted.memoryInMb ?? 0) > 100_000) return refuse(503, 'compute-unavailable', 'The machine has not that much memory.', 'Ask for less, or add memory.')
      const deployment = addDeployment(world, ws, {
        name: wanted.name ?? application.name,
        status: 'QueuedForBuild',
        rest: { ...partsOf(wanted, ws), applicationId: application.applicationId, applicationName: application.name, desiredRunning: wanted.autoStart !== false, startedAt: null, updatedAt: new Date().toISOString() },
      })
      ensureTopics(ws, deployment.variables)
      changed(world, ws, 'deployment', deployment.deploymentId, 1)
      const id = deployment.deploymentId
      soon([
        () => setStatus(world, id, 'Building'),
        () => setStatus(world, id, wanted.autoStart === false ? 'Stopped' : 'Starting'),
        () => wanted.autoStart !== false && setStatus(world, id, 'Running', { startedAt: new Date().toISOString() }),
      ])
      return HttpResponse.json(deployment)
    }),
    http.patch<{ id: string }, WantedDeployment>('*/deployments/:id', async ({ params: { id }, request }) => {
      const deployment = world.deployments.get(id)
      if (!deployment) return missing('deployment', id)
      const refused = await gate(ways, { ws: deployment.workspaceId, verb: 'change', what: 'deployment' })
      if (refused) return refused
      const wanted = await request.json()
      if (typeof wanted.revision === 'number' && wanted.revision !== deployment.wishRevision) return refuse(409, 'conflict', 'Somebody else changed the deployment since you read it.', 'Read it again and repeat the change.')
      const parts = partsOf(wanted, deployment.workspaceId)
      ensureTopics(deployment.workspaceId, parts.variables ?? {})
      const anew = Object.keys(wanted).some((field) => !['name', 'replicas', 'revision'].includes(field))
      const next = setStatus(world, id, deployment.status, {
        ...parts,
        runningReplicas: deployment.runningReplicas,
        wishRevision: (deployment.wishRevision ?? 1) + 1,
        ...(anew && { version: deployment.version + 1, updateStatus: 'Building' }),
        updatedAt: new Date().toISOString(),
      })
      soon([() => setStatus(world, id, deployment.status, { updateStatus: 'None' })])
      return HttpResponse.json(next)
    }),
  ]
}
