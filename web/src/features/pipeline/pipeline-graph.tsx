import { type KeyboardEvent, useEffect, useMemo, useRef } from 'react'
import type { Deployment, Topic } from '@/api/types'
import { Canvas, type CanvasHandle } from './canvas'
import { DeploymentNode } from './deployment-node'
import { EdgeLabel, EdgeLine, Markers } from './edges'
import { runs } from './flow'
import { buildGraph, topicNodeId } from './graph'
import { layOut, neighbour } from './layout'
import { Legend } from './legend'
import { TopicNode } from './topic-node'

interface Props {
  deployments: Deployment[]
  topics: Topic[]
  /** Names the graph to who cannot see it. */
  label?: string
  /** No other topics are drawn. */
  only?: Set<string>
  selected: { deployment?: string; topic?: string }
  onOpenDeployment: (id: string, tab?: 'logs' | 'build') => void
  onOpenTopic: (topic: string) => void
}

const ARROWS = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' } as const

/** A part of the pipeline is read, not surveyed. */
const READABLE = 0.6

/** The pipeline as it stands: deployments as cards, topics as arrows. */
export function PipelineGraph({ deployments, topics, label = 'Pipeline graph', only, selected, onOpenDeployment, onOpenTopic }: Props) {
  const canvas = useRef<CanvasHandle>(null)
  const graph = useMemo(() => buildGraph(deployments, topics, only), [deployments, topics, only])
  // Statuses change by the second; places change only with the shape.
  const layout = useMemo(() => layOut(graph), [graph.shape])
  const byId = new Map(deployments.map((each) => [each.deploymentId, each]))
  const nodes = graph.nodes.toSorted((a, b) => place(a.id) - place(b.id))

  function place(id: string): number {
    const box = layout.boxes.get(id)
    return box ? box.x * 10_000 + box.y : 0
  }

  function end(id: string): boolean | undefined {
    const deployment = byId.get(id)
    return deployment && runs(deployment)
  }

  const chosen = selected.deployment ?? (selected.topic && topicNodeId(selected.topic))
  const chosenBox = chosen ? layout.boxes.get(chosen) : undefined
  useEffect(() => {
    // The panel that opens takes room from the graph; what it is about stays in sight.
    if (chosenBox) requestAnimationFrame(() => canvas.current?.reveal(chosenBox))
  }, [chosenBox])

  const press = (event: KeyboardEvent<HTMLElement>) => {
    const direction = ARROWS[event.key as keyof typeof ARROWS]
    const id = (event.target as HTMLElement).dataset.node
    if (!direction || !id) return
    event.preventDefault()
    event.stopPropagation()
    const next = neighbour(layout.boxes, id, direction)
    if (next) event.currentTarget.querySelector<HTMLElement>(`[data-node="${CSS.escape(next)}"]`)?.focus()
  }

  const reveal = (id: string) => {
    const box = layout.boxes.get(id)
    if (box) canvas.current?.reveal(box)
  }

  const edges = graph.edges.flatMap((edge) => {
    const route = layout.routes.get(edge.id)
    if (!route) return []
    const props = {
      edge,
      route,
      from: end(edge.from),
      to: end(edge.to),
      selected: selected.topic === edge.topic,
      onOpen: onOpenTopic,
    }
    return [props]
  })

  return (
    <Canvas ref={canvas} label={label} width={layout.width} height={layout.height} first={only && { least: READABLE, focus: chosenBox }} legend={only ? undefined : <Legend />}>
      <div onKeyDown={press} className="relative">
        <svg aria-hidden className="pointer-events-none absolute top-0 left-0 overflow-visible" width={1} height={1}>
          <Markers />
          {edges.map((props) => (
            <EdgeLine key={props.edge.id} {...props} />
          ))}
        </svg>
        {nodes.map((node) => {
          const box = layout.boxes.get(node.id)
          if (!box) return null
          const { x: left, y: top, width, height } = box
          return (
            <div key={node.id} className="absolute" style={{ left, top, width, height }} onFocus={() => reveal(node.id)}>
              {node.kind === 'deployment' ? (
                <DeploymentNode deployment={node.deployment} stage={node.stage} selected={selected.deployment === node.id} onOpen={onOpenDeployment} />
              ) : (
                <TopicNode id={node.id} topic={node.topic} selected={selected.topic === node.topic} onOpen={onOpenTopic} />
              )}
            </div>
          )
        })}
        {edges
          .filter(({ edge }) => byId.has(edge.from) && byId.has(edge.to))
          .map((props) => (
            <EdgeLabel key={props.edge.id} {...props} />
          ))}
      </div>
    </Canvas>
  )
}
