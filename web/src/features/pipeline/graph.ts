import type { Deployment, Topic } from '@/api/types'

export type Stage = 'source' | 'transformation' | 'destination' | 'none'

export type GraphNode =
  | { kind: 'deployment'; id: string; deployment: Deployment; stage: Stage }
  | { kind: 'topic'; id: string; topic: string }

export interface GraphEdge {
  id: string
  topic: string
  from: string
  to: string
}

export interface Graph {
  nodes: GraphNode[]
  edges: GraphEdge[]
  /** Changes only when the layout has to. */
  shape: string
}

export function inputs(deployment: Deployment): string[] {
  return topicsOf(deployment, 'InputTopic')
}

export function outputs(deployment: Deployment): string[] {
  return topicsOf(deployment, 'OutputTopic')
}

function topicsOf(deployment: Deployment, inputType: string): string[] {
  const names = Object.values(deployment.variables)
    .filter((variable) => variable.inputType === inputType)
    .flatMap(({ value }) => value || [])
  return [...new Set(names)].sort()
}

/** Where in a pipeline a deployment stands, by what its variables say that it reads and writes. */
export function stageOf(deployment: Deployment): Stage {
  const reads = inputs(deployment).length > 0
  const writes = outputs(deployment).length > 0
  if (reads) return writes ? 'transformation' : 'destination'
  return writes ? 'source' : 'none'
}

/** Topics that client libraries keep for themselves (changelogs, repartitions) are no part of the picture. */
export function internal(topic: string): boolean {
  return /^(changelog|repartition)__/.test(topic)
}

/**
 * Deployments joined by the topics that they write and read. A topic with both a producer and a consumer is an arrow;
 * one that lacks either, or that several write and several read, is a node of its own, so that nothing is hidden.
 * With `only`, no other topics are drawn.
 */
export function buildGraph(deployments: Deployment[], topics: Topic[], only?: Set<string>): Graph {
  const ordered = [...deployments].sort((a, b) => a.name.localeCompare(b.name) || a.deploymentId.localeCompare(b.deploymentId))
  const producers = index(ordered, outputs)
  const consumers = index(ordered, inputs)
  const known = topics.map((topic) => topic.name).filter((name) => !internal(name))
  const names = [...new Set([...known, ...producers.keys(), ...consumers.keys()])].filter((name) => !only || only.has(name)).sort()

  const nodes: GraphNode[] = ordered.map((deployment) => ({
    kind: 'deployment',
    id: deployment.deploymentId,
    deployment,
    stage: stageOf(deployment),
  }))
  const edges: GraphEdge[] = []
  const join = (topic: string, from: string, to: string) => edges.push({ id: `${topic}|${from}|${to}`, topic, from, to })

  for (const topic of names) {
    const from = producers.get(topic) ?? []
    const to = consumers.get(topic) ?? []
    if (from.length > 0 && to.length > 0 && Math.min(from.length, to.length) === 1) {
      for (const a of from) for (const b of to) join(topic, a, b)
      continue
    }
    const id = topicNodeId(topic)
    nodes.push({ kind: 'topic', id, topic })
    for (const a of from) join(topic, a, id)
    for (const b of to) join(topic, id, b)
  }
  return { nodes, edges, shape: shapeOf(nodes, edges) }
}

/** A deployment with those that write what it reads and read what it writes, and the topics between them. */
export function lineageOf(deployment: Deployment, deployments: Deployment[]): { deployments: Deployment[]; topics: Set<string> } {
  const reads = new Set(inputs(deployment))
  const writes = new Set(outputs(deployment))
  const near = (other: Deployment) => outputs(other).some((topic) => reads.has(topic)) || inputs(other).some((topic) => writes.has(topic))
  return {
    deployments: deployments.filter((other) => other.deploymentId === deployment.deploymentId || near(other)),
    topics: new Set([...reads, ...writes]),
  }
}

export function topicNodeId(topic: string): string {
  return `topic:${topic}`
}

function index(deployments: Deployment[], topicsOf: (deployment: Deployment) => string[]): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const deployment of deployments) {
    for (const topic of topicsOf(deployment)) found.set(topic, [...(found.get(topic) ?? []), deployment.deploymentId])
  }
  return found
}

function shapeOf(nodes: GraphNode[], edges: GraphEdge[]): string {
  return [...nodes.map((node) => node.id), ...edges.map((edge) => edge.id)].join('\n')
}
