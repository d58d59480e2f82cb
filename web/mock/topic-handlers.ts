import { http, HttpResponse } from 'msw'
import type { CreateTopic, Topic, UpdateTopic } from '../src/api/types'
import { gate, missing, readOnly, refuse, type Ways } from './refusals.ts'
import { addTopic, changed, type World } from './world.ts'

const USUAL: Topic['configuration'] = { partitions: 1, replicationFactor: 1, retentionInMinutes: 10_080, retentionInBytes: 268_435_456, cleanupPolicy: 'Delete' }

type OfTopic = { ws: string; name: string }

/** Topics of the Portal API. */
export function topicHandlers(world: World, ways: Ways) {
  const soon = (act: () => void) => setTimeout(act, ways.lag + 500)
  const save = (topic: Topic, part: Partial<Topic>) => {
    const next = { ...topic, ...part, revision: topic.revision + 1, updatedAt: new Date().toISOString() }
    world.topics.set(topic.id, next)
    changed(world, topic.workspaceId, 'topic', topic.id, next.revision)
    return next
  }
  const settle = (id: string) => soon(() => {
    const topic = world.topics.get(id)
    if (topic?.status === 'Creating') save(topic, { status: 'Ready' })
  })
  const forbidden = (ws: string, verb: string) => gate(ways, { ws, verb, what: 'topic' })

  return [
    http.get<{ ws: string }>('*/:ws/topics', async ({ params: { ws } }) => {
      const refused = await gate(ways)
      if (refused) return refused
      if (ws.endsWith('-broken')) return refuse(500, 'internal', 'Something went wrong on our side.', 'The platform’s log has the cause under this request id.')
      const topics = [...world.topics.values()].filter((each) => each.workspaceId === ws)
      return HttpResponse.json(topics, { headers: { 'X-As-Of': String(world.seq.get(ws) ?? 0) } })
    }),
    http.get('*/:ws/topics/config/default', async () => (await gate(ways)) ?? HttpResponse.json(USUAL)),
    http.get('*/auth/permissions/query', async ({ request }) => {
      const query = new URL(request.url).searchParams
      return (await gate(ways)) ?? HttpResponse.json(!readOnly(query.get('resourceId') ?? '') || query.get('permission') === 'Read')
    }),
    http.post<{ ws: string }, CreateTopic>('*/:ws/topics', async ({ params: { ws }, request }) => {
      const refused = await forbidden(ws, 'create')
      if (refused) return refused
      const { name, configuration } = await request.json()
      if (/[^A-Za-z0-9._-]/.test(name)) return refuse(400, 'invalid', `name: '${name}' is not a topic name`)
      if (name.startsWith('taken') || world.topics.has(`${ws}-${name}`)) return refuse(400, 'topic-exists', `Topic with name similar to '${name}' already exists.`)
      if ((configuration?.partitions ?? 1) > 100) return refuse(503, 'broker-unavailable', 'The broker does not answer.', 'Try again in a moment.')
      addTopic(world, ws, name)
      const topic = world.topics.get(`${ws}-${name}`) as Topic
      const created = save(topic, { status: 'Creating', configuration: { ...USUAL, ...(configuration as Partial<Topic['configuration']>) } })
      settle(topic.id)
      return HttpResponse.json(created)
    }),
    http.patch<OfTopic, UpdateTopic>('*/:ws/topics/:name', async ({ params: { ws, name }, request }) => {
      const refused = await forbidden(ws, 'change')
      if (refused) return refused
      const topic = world.topics.get(`${ws}-${name}`)
      if (!topic) return missing('topic', name)
      const { revision, ...change } = await request.json()
      if (revision !== undefined && revision !== topic.revision) return refuse(409, 'stale-revision', 'The topic changed since you read it.', 'Read it again and repeat the change.')
      const changedTopic = save(topic, { status: 'Creating', configuration: { ...topic.configuration, ...(change as Partial<Topic['configuration']>) } })
      settle(topic.id)
      return HttpResponse.json(changedTopic)
    }),
    http.delete<OfTopic>('*/:ws/topics/:name', async ({ params: { ws, name } }) => {
      const refused = await forbidden(ws, 'delete')
      const topic = world.topics.get(`${ws}-${name}`)
      if (refused) return refused
      if (!topic) return missing('topic', name)
      save(topic, { status: 'Deleting' })
      soon(() => {
        world.topics.delete(topic.id)
        changed(world, ws, 'topic', topic.id, -1)
      })
      return new HttpResponse(null, { status: 204 })
    }),
    http.post<OfTopic>('*/:ws/topics/:name/clean', async ({ params: { ws, name } }) => {
      const refused = await forbidden(ws, 'change')
      return refused ?? (world.topics.has(`${ws}-${name}`) ? new HttpResponse(null, { status: 204 }) : missing('topic', name))
    }),
    http.post<OfTopic>('*/:ws/topics/:name/clear-error', async ({ params: { ws, name } }) => {
      const refused = await forbidden(ws, 'change')
      const topic = world.topics.get(`${ws}-${name}`)
      if (refused) return refused
      if (!topic) return missing('topic', name)
      settle(topic.id)
      return HttpResponse.json(save(topic, { status: 'Creating', lastError: null }))
    }),
  ]
}
