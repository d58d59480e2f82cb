import { http, HttpResponse } from 'msw'
import { gate as gateOf, missing, refuse, type Ways } from './refusals.ts'
import { deployHandlers } from './deploy-handlers.ts'
import { detailHandlers } from './detail-handlers.ts'
import { topicHandlers } from './topic-handlers.ts'
import { changed, remove, replicasOf, setStatus, type World } from './world.ts'

export type { Ways } from './refusals.ts'

/** The Portal API as far as the Portal uses it, over a pretended world. */
export function handlers(world: World, ways: Ways) {
  const gate = () => gateOf(ways)
  const seen = (ws: string, value: object) => HttpResponse.json(value, { headers: { 'X-As-Of': String(world.seq.get(ws) ?? 0) } })
  const soon = (act: () => void) => setTimeout(act, ways.lag + 700)

  return [
    ...topicHandlers(world, ways),
    ...deployHandlers(world, ways),
    ...detailHandlers(world, ways),
    http.post<never, { link: string }>('*/auth/sessions', async ({ request }) => {
      const { link } = await request.json()
      if (link === 'foreign') return refuse(403, 'foreign-origin', 'This request comes from a page of another origin.')
      if (!ways.links.delete(link)) {
        return refuse(401, 'link-expired', 'This sign-in link is not valid any more.', 'Run `headwater sign-in` on the machine to get a fresh link.')
      }
      ways.signedIn = true
      return new HttpResponse(null, { status: 204 })
    }),
    http.delete('*/auth/sessions', () => {
      ways.signedIn = false
      return new HttpResponse(null, { status: 204 })
    }),
    http.get('*/profile', async () => (await gate()) ?? HttpResponse.json({ userId: 'u1', firstName: 'Ada', lastName: 'Lovelace', email: 'ada@acme.test', organisationId: 'acme', role: 'Admin' })),
    http.get('*/workspaces', async () => (await gate()) ?? HttpResponse.json(world.workspaces)),
    http.get<{ ws: string }>('*/workspaces/:ws/deployments', async ({ params: { ws } }) => {
      const refused = await gate()
      if (refused) return refused
      if (ws.endsWith('-broken')) return refuse(500, 'internal', 'The platform failed to answer. The request was not carried out.')
      return seen(ws, [...world.deployments.values()].filter((each) => each.workspaceId === ws))
    }),
    http.get<{ id: string }>('*/deployments/:id/replicas', async ({ params: { id } }) => {
      const refused = await gate()
      const deployment = world.deployments.get(id)
      return refused ?? (deployment ? HttpResponse.json(replicasOf(deployment)) : missing('deployment', id))
    }),
    http.put<{ id: string }>('*/deployments/:id/start', async ({ params: { id } }) => {
      const refused = await gate()
      if (refused) return refused
      const starting = setStatus(world, id, 'Starting', { statusReason: null })
      if (!starting) return missing('deployment', id)
      soon(() => setStatus(world, id, 'Running', { startedAt: new Date().toISOString() }))
      return HttpResponse.json(starting)
    }),
    http.put<{ id: string }>('*/deployments/:id/stop', async ({ params: { id } }) => {
      const refused = await gate()
      if (refused) return refused
      const deployment = world.deployments.get(id)
      if (deployment?.name === 'Merge regions') return refuse(409, 'conflict', 'The deployment is being updated.', 'Try again when the update is done.')
      const stopping = setStatus(world, id, 'Stopping')
      if (!stopping) return missing('deployment', id)
      soon(() => setStatus(world, id, 'Stopped'))
      return HttpResponse.json(stopping)
    }),
    http.delete<{ id: string }>('*/deployments/:id', async ({ params: { id } }) => {
      const refused = await gate()
      if (refused) return refused
      const deleting = setStatus(world, id, 'Deleting')
      if (!deleting) return missing('deployment', id)
      soon(() => remove(world, id))
      return new HttpResponse(null, { status: 204 })
    }),
    http.post<{ ws: string }>('*/mock/:ws/touch', ({ params: { ws } }) => {
      changed(world, ws, 'workspace', ws, 1)
      return new HttpResponse(null, { status: 204 })
    }),
  ]
}
