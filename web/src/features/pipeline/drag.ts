import { type PointerEvent, useRef } from 'react'

interface Moves {
  panBy: (dx: number, dy: number) => void
  zoomAt: (factor: number, x: number, y: number) => void
}

/** Moving the canvas with one pointer and pinching it with two. What is pressed on a control is left alone. */
export function useDrag({ panBy, zoomAt }: Moves) {
  const pointers = useRef(new Map<number, { x: number; y: number }>())

  const down = (event: PointerEvent<HTMLDivElement>) => {
    const target = event.target as Element
    // Menus hang outside the canvas, yet their events pass through it.
    if (event.button !== 0 || !event.currentTarget.contains(target) || target.closest('button, a, [data-control]')) return
    event.currentTarget.setPointerCapture(event.pointerId)
    pointers.current.set(event.pointerId, { x: event.clientX, y: event.clientY })
  }
  const move = (event: PointerEvent<HTMLDivElement>) => {
    const before = pointers.current.get(event.pointerId)
    if (!before) return
    const now = { x: event.clientX, y: event.clientY }
    const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1]
    pointers.current.set(event.pointerId, now)
    if (!other) return panBy(now.x - before.x, now.y - before.y)
    const box = event.currentTarget.getBoundingClientRect()
    const spread = (at: { x: number; y: number }) => Math.max(1, Math.hypot(at.x - other.x, at.y - other.y))
    zoomAt(spread(now) / spread(before), (now.x + other.x) / 2 - box.left, (now.y + other.y) / 2 - box.top)
  }
  const up = (event: PointerEvent<HTMLDivElement>) => void pointers.current.delete(event.pointerId)

  return { onPointerDown: down, onPointerMove: move, onPointerUp: up, onPointerCancel: up }
}
