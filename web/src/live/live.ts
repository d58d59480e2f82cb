import { useEffect, useEffectEvent, useSyncExternalStore } from 'react'
import type { Open } from './protocol'
import { type ChannelHandlers, LiveSocket, type LiveStatus, type Wire } from './socket'

function connect(): Wire {
  const url = new URL('/live', window.location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return new WebSocket(url) as Wire
}

/** The tab's connection. */
export const live = new LiveSocket({ connect, visible: () => document.visibilityState === 'visible' })

document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') live.wake()
})
window.addEventListener('offline', () => live.lost())
window.addEventListener('online', () => live.wake())

export function useLiveStatus(): LiveStatus {
  return useSyncExternalStore(live.subscribe, () => live.status)
}

/** Keeps a channel open while the component is shown; `undefined` keeps none. Reopens when the request changes. */
export function useChannel<T>(open: Open | undefined, handlers: ChannelHandlers<T>): void {
  const opened = useEffectEvent((cursor?: string) => handlers.opened?.(cursor))
  const event = useEffectEvent((data: T, cursor?: string) => handlers.event(data, cursor))
  const reset = useEffectEvent((cursor?: string) => handlers.reset?.(cursor))
  const error = useEffectEvent((failure: Parameters<NonNullable<typeof handlers.error>>[0]) => handlers.error?.(failure))
  const closed = useEffectEvent(() => handlers.closed?.())
  const request = open && JSON.stringify(open)
  useEffect(() => {
    if (!request) return
    return live.open<T>(JSON.parse(request) as Open, {
      opened: (cursor) => opened(cursor),
      event: (data, cursor) => event(data, cursor),
      reset: (cursor) => reset(cursor),
      error: (failure) => error(failure),
      closed: () => closed(),
    })
  }, [request])
}
