import { type KeyboardEvent, useEffect, useRef } from 'react'
import { classes } from '@/components/classes'
import { bytes, clock, utc } from '@/components/format'
import type { TopicMessage } from '@/live/protocol'
import { oneLine } from './content'

export function placeOf({ partition, offset }: TopicMessage): string {
  return `${partition}:${offset}`
}

interface Props {
  messages: TopicMessage[]
  chosen: string | undefined
  onChoose: (message: TopicMessage) => void
}

const COLUMNS = 'grid grid-cols-[96px_72px_minmax(64px,120px)_minmax(0,1fr)_64px] items-center gap-3 px-3'

/** Messages, newest first. Arrow keys, or `j` and `k`, move the choice. */
export function MessageList({ messages, chosen, onChoose }: Props) {
  const list = useRef<HTMLDivElement>(null)
  const move = (event: KeyboardEvent) => {
    const step = ['ArrowDown', 'j'].includes(event.key) ? 1 : ['ArrowUp', 'k'].includes(event.key) ? -1 : 0
    if (step === 0) return
    event.preventDefault()
    const at = messages.findIndex((message) => placeOf(message) === chosen)
    const next = messages[Math.max(0, at + step)]
    if (next) onChoose(next)
  }
  useEffect(() => {
    if (chosen) list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div aria-hidden className={classes(COLUMNS, 'h-8 shrink-0 border-b border-line text-xs text-muted')}>
        <span>Time</span>
        <span>Place</span>
        <span>Key</span>
        <span>Value</span>
        <span className="text-right">Size</span>
      </div>
      <div ref={list} role="listbox" tabIndex={0} aria-label="Messages, newest first" onKeyDown={move} className="min-h-0 grow overflow-y-auto -outline-offset-2">
        {messages.map((message) => {
          const place = placeOf(message)
          return (
            <div
              key={place}
              role="option"
              aria-selected={place === chosen}
              onClick={() => onChoose(message)}
              className={classes(COLUMNS, 'h-7 cursor-pointer hover:bg-hover aria-selected:bg-hover aria-selected:shadow-[inset_2px_0_var(--accent)]')}
            >
              <time dateTime={message.time} title={utc(message.time)} className="font-mono text-xs text-muted">
                {clock(message.time)}
              </time>
              <span className="truncate font-mono text-xs text-muted" title={`partition ${message.partition}, offset ${message.offset}`}>
                {place}
              </span>
              <span className="truncate font-mono text-xs">{oneLine(message.key, 60) || '–'}</span>
              <span className="truncate font-mono text-xs">{message.value === null ? <em className="text-muted">tombstone</em> : oneLine(message.value)}</span>
              <span className="text-right text-xs text-muted">{bytes(message.size)}</span>
            </div>
          )
        })}
      </div>
    </div>
  )
}
