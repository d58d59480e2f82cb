import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Box } from './layout'

export interface View {
  x: number
  y: number
  zoom: number
}

export const ZOOM = { least: 0.2, most: 1.6 }
/** Room left around the graph; below it more, for what lies over the canvas there. */
const MARGIN = { x: 24, top: 24, bottom: 56 }

const clamp = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value))

/** How far a graph is made smaller to fit, and what stands in the middle when it does not. */
export interface Fit {
  least: number
  focus?: Box
}

/** The view that shows `width` × `height` whole in the middle of a frame, never larger than life. */
export function fitted(frame: { width: number; height: number }, width: number, height: number, { least, focus }: Fit = { least: ZOOM.least }): View {
  const room = { width: frame.width - 2 * MARGIN.x, height: frame.height - MARGIN.top - MARGIN.bottom }
  const zoom = clamp(Math.min(room.width / Math.max(1, width), room.height / Math.max(1, height), 1), least, 1)
  const place = (from: number, space: number, whole: number, middle: number) => from + space / 2 - (whole * zoom <= space ? whole / 2 : middle) * zoom
  return {
    zoom,
    x: place(MARGIN.x, room.width, width, focus ? focus.x + focus.width / 2 : width / 2),
    y: place(MARGIN.top, room.height, height, focus ? focus.y + focus.height / 2 : height / 2),
  }
}

/** Zooms about a point of the frame, which stays where it is. */
export function zoomed(view: View, factor: number, x: number, y: number): View {
  const zoom = clamp(view.zoom * factor, ZOOM.least, ZOOM.most)
  const real = zoom / view.zoom
  return { zoom, x: x - (x - view.x) * real, y: y - (y - view.y) * real }
}

/** The view moved as little as shows the box, with some margin. */
export function revealing(view: View, frame: { width: number; height: number }, box: Box): View {
  const shift = (start: number, size: number, room: number, margin: number, end: number) => {
    if (start < margin) return margin - start
    if (start + size > room - end) return Math.max(room - end - (start + size), margin - start)
    return 0
  }
  const x = view.x + shift(view.x + box.x * view.zoom, box.width * view.zoom, frame.width, MARGIN.x, MARGIN.x)
  const y = view.y + shift(view.y + box.y * view.zoom, box.height * view.zoom, frame.height, MARGIN.top, MARGIN.bottom)
  return { ...view, x, y }
}

/** A trackpad's two fingers pan; a mouse wheel and a pinch zoom. */
function wheelZooms(event: WheelEvent): boolean {
  const notch = event.deltaX === 0 && Math.abs(event.deltaY) >= 100 && Number.isInteger(event.deltaY)
  return event.ctrlKey || event.metaKey || notch
}

/** What part of the graph a frame shows: as `first` says, until someone moves it; from then on it is theirs. */
export function useViewport(frame: RefObject<HTMLDivElement | null>, size: { width: number; height: number }, first?: Fit) {
  const { least = ZOOM.least, focus } = first ?? {}
  const whole = useRef(false)
  const [view, setView] = useState<View>({ x: MARGIN.x, y: MARGIN.top, zoom: 1 })
  const moved = useRef(false)

  const move = useCallback((next: (before: View) => View) => {
    moved.current = true
    setView(next)
  }, [])
  const keep = useCallback(() => {
    const box = frame.current?.getBoundingClientRect()
    if (box && !moved.current) setView(fitted(box, size.width, size.height, whole.current ? undefined : { least, focus }))
  }, [frame, size.width, size.height, least, focus])
  const fit = useCallback(() => {
    moved.current = false
    whole.current = true
    keep()
  }, [keep])

  useLayoutEffect(() => {
    const element = frame.current
    if (!element || size.width === 0) return
    keep()
    const resized = new ResizeObserver(keep)
    resized.observe(element)
    return () => resized.disconnect()
  }, [frame, keep, size.width])

  const zoomBy = useCallback(
    (factor: number) => {
      const box = frame.current?.getBoundingClientRect()
      if (box) move((before) => zoomed(before, factor, box.width / 2, box.height / 2))
    },
    [frame, move],
  )
  const panBy = useCallback((dx: number, dy: number) => move((before) => ({ ...before, x: before.x + dx, y: before.y + dy })), [move])
  const reveal = useCallback(
    (box: Box) => {
      const room = frame.current?.getBoundingClientRect()
      if (room) setView((before) => revealing(before, room, box))
    },
    [frame],
  )

  useEffect(() => {
    const element = frame.current
    if (!element) return
    // React listens passively to wheels, and a passive listener cannot keep the browser from zooming the page.
    const turn = (event: WheelEvent) => {
      event.preventDefault()
      const box = element.getBoundingClientRect()
      if (!wheelZooms(event)) return panBy(-event.deltaX, -event.deltaY)
      const strength = event.ctrlKey && Math.abs(event.deltaY) < 50 ? 0.01 : 0.002
      move((before) => zoomed(before, Math.exp(-event.deltaY * strength), event.clientX - box.left, event.clientY - box.top))
    }
    element.addEventListener('wheel', turn, { passive: false })
    return () => element.removeEventListener('wheel', turn)
  }, [frame, panBy, move])

  const zoomAt = useCallback((factor: number, x: number, y: number) => move((before) => zoomed(before, factor, x, y)), [move])
  return { view, fit, zoomBy, zoomAt, panBy, reveal }
}
