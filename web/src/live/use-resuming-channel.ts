import { useRef, useState } from 'react'
import { useChannel } from './live'
import type { LiveError, Open } from './protocol'
import type { ChannelHandlers } from './socket'

type Resumable = Extract<Open, { cursor?: string }>

/**
 * A channel of an object that comes and goes: a deployment's log, a topic's messages. When the channel ends, or cannot
 * open yet, it is opened again where it stood once the object has changed. Answers why it is not open, if so.
 */
export function useResumingChannel<T>(open: Resumable, revision: number | undefined, handlers: Omit<ChannelHandlers<T>, 'closed' | 'error'>): LiveError | undefined {
  const place = useRef<string>(undefined)
  const [ended, setEnded] = useState<{ revision: number | undefined; cursor: string | undefined }>()
  const [failure, setFailure] = useState<LiveError>()
  const waiting = ended !== undefined && ended.revision === revision
  const end = () => setEnded({ revision, cursor: place.current })

  useChannel<T>(waiting ? undefined : { ...open, ...(ended?.cursor !== undefined && { cursor: ended.cursor }) }, {
    opened: (cursor) => {
      place.current = cursor
      setFailure(undefined)
      handlers.opened?.(cursor)
    },
    event: (data, cursor) => {
      if (cursor !== undefined) place.current = cursor
      handlers.event(data, cursor)
    },
    reset: (cursor) => {
      if (cursor !== undefined) place.current = cursor
      handlers.reset?.(cursor)
    },
    error: (error) => {
      setFailure(error)
      end()
    },
    closed: end,
  })
  return failure
}
