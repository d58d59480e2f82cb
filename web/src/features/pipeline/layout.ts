import { Graph as Dagre, layout as arrange } from '@dagrejs/dagre'
import type { Graph, GraphNode } from './graph'

export interface Point {
  x: number
  y: number
}

export interface Box extends Point {
  width: number
  height: number
}

export interface Route {
  /** From the producer's border to the consumer's. */
  points: Point[]
  /** Middle of the label. */
  label: Point
}

export interface Layout {
  boxes: Map<string, Box>
  /** By edge id. */
  routes: Map<string, Route>
  width: number
  height: number
}

export const DEPLOYMENT = { width: 244, height: 124 }
export const TOPIC = { width: 192, height: 48 }
export const LABEL = { width: 132, height: 40 }

export function sizeOf(node: GraphNode): { width: number; height: number } {
  return node.kind === 'deployment' ? DEPLOYMENT : TOPIC
}

/** Places everything from left to right. The same graph is always placed the same way. */
export function layOut(graph: Graph): Layout {
  const loose = graph.nodes.filter((node) => !graph.edges.some((edge) => edge.from === node.id || edge.to === node.id))
  const joined = graph.nodes.filter((node) => !loose.includes(node))
  const placed: Layout = { boxes: new Map(), routes: new Map(), width: 0, height: 0 }
  if (joined.length > 0) placeJoined(graph, joined, placed)
  placeLoose(loose, placed)
  return placed
}

function placeJoined(graph: Graph, nodes: GraphNode[], placed: Layout): void {
  const dagre = new Dagre({ multigraph: true })
  dagre.setGraph({ rankdir: 'LR', nodesep: 28, ranksep: 24, edgesep: 12, ranker: 'network-simplex' })
  dagre.setDefaultEdgeLabel(() => ({}))
  for (const node of nodes) dagre.setNode(node.id, { ...sizeOf(node) })
  for (const edge of graph.edges) dagre.setEdge(edge.from, edge.to, { ...LABEL, labelpos: 'c' }, edge.id)
  arrange(dagre)
  for (const node of nodes) {
    const { x, y } = dagre.node(node.id) as unknown as Point
    const size = sizeOf(node)
    place(placed, node.id, { x: x - size.width / 2, y: y - size.height / 2, ...size })
  }
  for (const edge of graph.edges) {
    const { points, x, y } = dagre.edge(edge.from, edge.to, edge.id) as unknown as Point & { points: Point[] }
    placed.routes.set(edge.id, { points: attach(points, placed.boxes.get(edge.from), placed.boxes.get(edge.to)), label: { x, y } })
    placed.height = Math.max(placed.height, y + LABEL.height / 2)
  }
}

function place(placed: Layout, id: string, box: Box): void {
  placed.boxes.set(id, box)
  placed.width = Math.max(placed.width, box.x + box.width)
  placed.height = Math.max(placed.height, box.y + box.height)
}

/** Arrows that lead to the right leave and arrive in the middle of a side; others keep where they were cut. */
function attach(points: Point[], from: Box | undefined, to: Box | undefined): Point[] {
  if (!from || !to || from.x + from.width > to.x) return points
  const start = { x: from.x + from.width, y: from.y + from.height / 2 }
  const end = { x: to.x, y: to.y + to.height / 2 }
  return [start, ...points.slice(1, -1), end]
}

const GAP = 24
/** Width to height of a screen: what has these proportions is shown largest. */
const SCREEN = 1.6

const columnsIn = (width: number, size: { width: number }) => Math.max(1, Math.floor((width + GAP) / (size.width + GAP)))

/** How wide rows must be for everything to fit a screen well. */
function rowsWidth(deployments: number, topics: number, placed: Layout): number {
  const step = DEPLOYMENT.width + GAP
  const rows = (count: number, width: number, size: Omit<Box, keyof Point>) => Math.ceil(count / columnsIn(width, size)) * (size.height + GAP)
  let width = Math.max(placed.width, 4 * step)
  while (width < SCREEN * (placed.height + rows(deployments, width, DEPLOYMENT) + rows(topics, width, TOPIC))) width += step
  return width
}

/** What is joined to nothing stands in rows below. */
function placeLoose(nodes: GraphNode[], placed: Layout): void {
  const of = (kind: GraphNode['kind']) => nodes.filter((node) => node.kind === kind)
  const wide = rowsWidth(of('deployment').length, of('topic').length, placed)
  let y = placed.height === 0 ? 0 : placed.height + 64
  for (const kind of ['deployment', 'topic'] as const) {
    const row = of(kind)
    const size = kind === 'deployment' ? DEPLOYMENT : TOPIC
    const columns = columnsIn(wide, size)
    row.forEach((node, i) => {
      const column = i % columns
      const line = Math.floor(i / columns)
      place(placed, node.id, { x: column * (size.width + GAP), y: y + line * (size.height + GAP), ...size })
    })
    if (row.length > 0) y += Math.ceil(row.length / columns) * (size.height + GAP)
  }
}

/** An SVG path through the points, flat where it meets each. */
export function path(points: Point[]): string {
  const [first, ...rest] = points
  if (!first) return ''
  let at = first
  const parts = [`M${first.x},${first.y}`]
  for (const next of rest) {
    const bend = (next.x - at.x) / 2
    parts.push(`C${at.x + bend},${at.y} ${next.x - bend},${next.y} ${next.x},${next.y}`)
    at = next
  }
  return parts.join(' ')
}

/** The neighbour of a box in a direction: near along it, and not far to its side. */
export function neighbour(boxes: Map<string, Box>, id: string, direction: 'left' | 'right' | 'up' | 'down'): string | undefined {
  const here = boxes.get(id)
  if (!here) return undefined
  const across = direction === 'left' || direction === 'right'
  const sign = direction === 'right' || direction === 'down' ? 1 : -1
  let best: { id: string; cost: number } | undefined
  for (const [other, box] of boxes) {
    const dx = box.x + box.width / 2 - (here.x + here.width / 2)
    const dy = box.y + box.height / 2 - (here.y + here.height / 2)
    const along = (across ? dx : dy) * sign
    const aside = Math.abs(across ? dy : dx)
    if (other === id || along < 1) continue
    const cost = along + aside * 2
    if (!best || cost < best.cost) best = { id: other, cost }
  }
  return best?.id
}
