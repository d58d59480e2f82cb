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

/** The view that shows `width` × `height` whole in the middle of a frame, never larger than life. */
export function fitted(frame: { width: number; height: number }, width: number, height: number): View {
  const room = { width: frame.width - 2 * MARGIN.x, height: frame.height - MARGIN.top - MARGIN.bottom }
  const zoom = clamp(Math.min(room.width / Math.max(1, width), room.height / Math.max(1, height), 1), ZOOM.least, 1)
  return { zoom, x: (frame.width - width * zoom) / 2, y: MARGIN.top + (room.height - height * zoom) / 2 }
}

/** Zooms about a point of the frame, which stays where it is. */
export function zoomed(view: View, factor: number, x: number, y: number): View {
  const zoom = clamp(view.zoom * factor, ZOOM.least, ZOOM.most)
  const real = zoom / view.zoom
  return { zoom, x: x - (x - view.x) * real, y: y - (y - view.y) * real }
}

/** The view moved as little as shows the box, with some margin. */
export function revealing(view: View, frame: { width: number; height: number }, box: Box): View {
  const margin = 24
  const shift = (start: number, size: number, room: number) => {
    if (start < margin) return margin - start
    if (start + size > room - margin) return Math.max(room - margin - (start + size), margin - start)
    return 0
  }
  const x = view.x + shift(view.x + box.x * view.zoom, box.width * view.zoom, frame.width)
  const y = view.y + shift(view.y + box.y * view.zoom, box.height * view.zoom, frame.height)
  return { ...view, x, y }
}

/** A trackpad's two fingers pan; a mouse wheel and a pinch zoom. */
function wheelZooms(event: WheelEvent): boolean {
  const notch = event.deltaX === 0 && Math.abs(event.deltaY) >= 100 && Number.isInteger(event.deltaY)
  return event.ctrlKey || event.metaKey || notch
}

/** What part of the graph a frame shows. Fits once, when there is something to show; after that it is the user's. */
export function useViewport(frame: RefObject<HTMLDivElement | null>, size: { width: number; height: number }, fitKey: string) {
  const [view, setView] = useState<View>({ x: MARGIN.x, y: MARGIN.top, zoom: 1 })
  const fitKeyDone = useRef<string>(undefined)

  const fit = useCallback(() => {
    const box = frame.current?.getBoundingClientRect()
    if (box) setView(fitted(box, size.width, size.height))
  }, [frame, size.width, size.height])

  useLayoutEffect(() => {
    if (size.width === 0 || fitKeyDone.current === fitKey) return
    fitKeyDone.current = fitKey
    fit()
  }, [fit, fitKey, size.width])

  const zoomBy = useCallback(
    (factor: number) => {
      const box = frame.current?.getBoundingClientRect()
      if (box) setView((before) => zoomed(before, factor, box.width / 2, box.height / 2))
    },
    [frame],
  )
  const panBy = useCallback((dx: number, dy: number) => setView((before) => ({ ...before, x: before.x + dx, y: before.y + dy })), [])
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
      setView((before) => zoomed(before, Math.exp(-event.deltaY * strength), event.clientX - box.left, event.clientY - box.top))
    }
    element.addEventListener('wheel', turn, { passive: false })
    return () => element.removeEventListener('wheel', turn)
  }, [frame, panBy])

  const zoomAt = useCallback((factor: number, x: number, y: number) => setView((before) => zoomed(before, factor, x, y)), [])
  return { view, fit, zoomBy, zoomAt, panBy, reveal }
}
