import { expect, it } from 'vitest'
import type { GraphNode } from './graph'
import { layOut } from './layout'

it('gives many that are joined to nothing the proportions of a screen', () => {
  for (const count of [12, 50, 300]) {
    const nodes = Array.from({ length: count }, (_, i): GraphNode => ({ kind: 'topic', id: `topic:${i}`, topic: `${i}` }) as GraphNode)
    const { boxes, width, height } = layOut({ nodes, edges: [], shape: '' })
    expect(boxes.size).toBe(count)
    expect(width / height).toBeGreaterThan(1.3)
    expect(width / height).toBeLessThan(6)
  }
})
