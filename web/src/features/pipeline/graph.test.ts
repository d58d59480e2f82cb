import { describe, expect, it } from 'vitest'
import { addDeployment, addTopic, addWorkspace, emptyWorld } from '../../../mock/world'
import { buildGraph, lineageOf, stageOf } from './graph'
import { layOut, neighbour, path } from './layout'

const WS = 'acme-demo-test'

function world() {
  const world = emptyWorld()
  addWorkspace(world, 'test')
  const add = (name: string, input: string[], output: string[]) => addDeployment(world, WS, { name, in: input, out: output }).deploymentId
  return { world, add, topic: (name: string) => addTopic(world, WS, name), graph: () => buildGraph([...world.deployments.values()], [...world.topics.values()]) }
}

describe('the graph', () => {
  it('joins who writes a topic with who reads it', () => {
    const { add, graph } = world()
    const source = add('Source', [], ['a'])
    const middle = add('Middle', ['a'], ['b'])
    const sink = add('Sink', ['b'], [])
    expect(graph().edges.map(({ topic, from, to }) => [topic, from, to])).toEqual([
      ['a', source, middle],
      ['b', middle, sink],
    ])
    expect(graph().nodes).toHaveLength(3)
  })

  it('shows a topic that nobody reads, nobody writes, or nobody uses', () => {
    const { add, topic, graph } = world()
    const source = add('Source', [], ['unread'])
    const sink = add('Sink', ['unwritten'], [])
    topic('unused')
    const { nodes, edges } = graph()
    expect(nodes.filter((node) => node.kind === 'topic').map((node) => node.id)).toEqual(['topic:unread', 'topic:unused', 'topic:unwritten'])
    expect(edges.map(({ from, to }) => [from, to])).toEqual([
      [source, 'topic:unread'],
      ['topic:unwritten', sink],
    ])
  })

  it('draws many writers and many readers through the topic, not all to all', () => {
    const { add, graph } = world()
    for (const i of [1, 2, 3]) add(`Source ${i}`, [], ['shared'])
    for (const i of [1, 2, 3]) add(`Sink ${i}`, ['shared'], [])
    expect(graph().edges).toHaveLength(6)
    expect(graph().nodes).toHaveLength(7)
  })

  it('leaves out what client libraries keep for themselves', () => {
    const { topic, graph } = world()
    topic('changelog__group--orders--store')
    topic('repartition__group--orders')
    expect(graph().nodes).toEqual([])
  })

  it('tells stages by what is read and written', () => {
    const { world: all, add } = world()
    const stage = (input: string[], output: string[]) => {
      const deployment = all.deployments.get(add('x', input, output))
      return deployment && stageOf(deployment)
    }
    expect([stage([], ['a']), stage(['a'], ['b']), stage(['b'], []), stage([], [])]).toEqual(['source', 'transformation', 'destination', 'none'])
  })
})

describe('the layout', () => {
  it('keeps its place while statuses and figures change', () => {
    const { world: all, add, graph } = world()
    const id = add('Source', [], ['a'])
    add('Sink', ['a'], [])
    const before = graph()
    const deployment = all.deployments.get(id)
    if (deployment) all.deployments.set(id, { ...deployment, status: 'Stopped', restartCount: 9 })
    expect(graph().shape).toBe(before.shape)
    add('Another', ['a'], [])
    expect(graph().shape).not.toBe(before.shape)
  })

  it('runs from left to right without overlaps', () => {
    const { add, topic, graph } = world()
    add('Source', [], ['a'])
    for (let i = 0; i < 6; i += 1) add(`Middle ${i}`, ['a'], [`b${i}`])
    for (let i = 0; i < 6; i += 1) add(`Sink ${i}`, [`b${i}`, 'a'], [])
    for (let i = 0; i < 9; i += 1) topic(`loose-${i}`)
    add('Loner', [], [])
    const all = graph()
    const { boxes, routes } = layOut(all)
    const placed = [...boxes.values()]
    expect(placed).toHaveLength(all.nodes.length)
    for (const [i, a] of placed.entries())
      for (const b of placed.slice(i + 1))
        expect(a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y).toBe(true)
    for (const edge of all.edges) {
      expect((boxes.get(edge.from)?.x ?? 0) < (boxes.get(edge.to)?.x ?? 0)).toBe(true)
      expect(path(routes.get(edge.id)?.points ?? [])).toMatch(/^M[-\d.]+,[-\d.]+ C/)
    }
  })

  it('survives rings and an application that reads what it writes', () => {
    const { add, graph } = world()
    add('A', ['b'], ['a'])
    add('B', ['a'], ['b'])
    add('Self', ['loop'], ['loop'])
    const { boxes, routes } = layOut(graph())
    expect(boxes.size).toBe(3)
    expect([...routes.values()].every(({ points }) => points.length > 1)).toBe(true)
  })

  it('finds the neighbour in each direction', () => {
    const box = (x: number, y: number) => ({ x, y, width: 10, height: 10 })
    const boxes = new Map([['a', box(0, 0)], ['b', box(100, 0)], ['c', box(100, 100)], ['d', box(200, 10)]])
    expect([neighbour(boxes, 'a', 'right'), neighbour(boxes, 'b', 'down'), neighbour(boxes, 'd', 'left'), neighbour(boxes, 'a', 'left')]).toEqual(['b', 'c', 'b', undefined])
  })
})

describe('the lineage', () => {
  it('is what stands right before and after, with the topics between', () => {
    const { world: all, add } = world()
    add('Far source', [], ['z'])
    add('Source', ['z'], ['a', 'elsewhere'])
    const middle = add('Middle', ['a'], ['b'])
    add('Sink', ['b'], [])
    add('Stranger', ['elsewhere'], [])
    const deployments = [...all.deployments.values()]
    const lineage = lineageOf(all.deployments.get(middle) as (typeof deployments)[number], deployments)
    expect(lineage.deployments.map(({ name }) => name)).toEqual(['Source', 'Middle', 'Sink'])
    const { nodes, edges } = buildGraph(lineage.deployments, [], lineage.topics)
    expect(edges.map(({ topic }) => topic)).toEqual(['a', 'b'])
    expect(nodes).toHaveLength(3)
    expect(nodes.find((node) => node.kind === 'deployment' && node.deployment.name === 'Source')).toMatchObject({ stage: 'transformation' })
  })
})
