import { expect, it } from 'vitest'
import { fitted, revealing, ZOOM, zoomed } from './viewport'

const frame = { width: 1000, height: 600 }

it('fits the whole into the middle and never magnifies', () => {
  const small = fitted(frame, 200, 100)
  expect(small.zoom).toBe(1)
  expect(small.x).toBe(400)
  const large = fitted(frame, 4000, 1000)
  expect(large.zoom).toBeLessThan(0.25)
  expect(large.x + 4000 * large.zoom).toBeLessThanOrEqual(1000)
})

it('stays readable when asked, around what matters', () => {
  const view = fitted(frame, 4000, 300, { least: 0.6, focus: { x: 3000, y: 0, width: 200, height: 100 } })
  expect(view.zoom).toBe(0.6)
  expect(view.x + 3100 * view.zoom).toBe(500)
  expect(view.y).toBe(fitted(frame, 10, 180).y)
})

it('keeps the point under the pointer when zooming', () => {
  const view = { x: 30, y: -20, zoom: 0.8 }
  const next = zoomed(view, 1.25, 400, 300)
  expect((400 - next.x) / next.zoom).toBeCloseTo((400 - view.x) / view.zoom)
  expect(zoomed(view, 1000, 0, 0).zoom).toBe(ZOOM.most)
})

it('moves only as far as shows a box', () => {
  const view = { x: 0, y: 0, zoom: 1 }
  expect(revealing(view, frame, { x: 100, y: 100, width: 200, height: 100 })).toEqual(view)
  expect(revealing(view, frame, { x: 900, y: 700, width: 200, height: 100 })).toEqual({ x: -124, y: -256, zoom: 1 })
})
