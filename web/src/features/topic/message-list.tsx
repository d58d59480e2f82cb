import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, memo, useEffect, useEffectEvent, useRef } from 'react'
import { classes } from '@/components/classes'
import { bytes, clock, utc } from '@/components/format'
import type { TopicMessage } from '@/live/protocol'
import { headersText, oneLine } from './content'

export function placeOf({ partition, offset }: TopicMessage): string {
  return `${partition}:${offset}`
}

interface Props {
  messages: TopicMessage[]
  /** In which order they stand, in words. */
  order: string
  chosen: string | undefined
  onChoose: (message: TopicMessage) => void
}

const COLUMNS = 'grid grid-cols-[92px_64px_minmax(0,1fr)] items-center gap-3 px-3 @lg:grid-cols-[92px_72px_minmax(64px,120px)_minmax(0,1fr)_64px] @3xl:grid-cols-[92px_72px_minmax(64px,120px)_minmax(0,2fr)_minmax(0,1fr)_64px]'

/** Drawn once: messages do not change, and a busy topic would redraw all of them several times a second. */
const Row = memo(function Row({ message, chosen, onChoose }: { message: TopicMessage; chosen: boolean; onChoose: (message: TopicMessage) => void }) {
  const place = placeOf(message)
  return (
    <div
      role="option"
      aria-selected={chosen}
      onClick={() => onChoose(message)}
      className={classes(COLUMNS, 'h-7 cursor-pointer hover:bg-hover aria-selected:bg-hover aria-selected:shadow-[inset_2px_0_var(--accent)]')}
    >
      <time dateTime={message.time} title={utc(message.time)} className="font-mono text-xs text-muted">
        {clock(message.time)}
      </time>
      <span className="truncate font-mono text-xs text-muted" title={`partition ${message.partition}, offset ${message.offset}`}>
        {place}
      </span>
      <span className="hidden truncate font-mono text-xs @lg:block">{oneLine(message.key, 60) || '–'}</span>
      <span className="truncate font-mono text-xs">{message.value === null ? <em className="text-muted">tombstone</em> : oneLine(message.value)}</span>
      <span className="hidden truncate font-mono text-xs text-muted @3xl:block">{headersText(message)}</span>
      <span className="hidden text-right text-xs text-muted @lg:block">{bytes(message.size)}</span>
    </div>
  )
})

const ROW = 28

/** Messages, of which those that fit are drawn. Arrow keys, or `j` and `k`, move the choice. */
export function MessageList({ messages, order, chosen, onChoose }: Props) {
  const list = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: messages.length,
    getScrollElement: () => list.current,
    estimateSize: () => ROW,
    getItemKey: (i) => (messages[i] ? placeOf(messages[i]) : i),
    overscan: 10,
  })
  const indexOf = (place: string | undefined) => messages.findIndex((message) => placeOf(message) === place)
  const move = (event: KeyboardEvent) => {
    const step = ['ArrowDown', 'j'].includes(event.key) ? 1 : ['ArrowUp', 'k'].includes(event.key) ? -1 : 0
    if (step === 0) return
    event.preventDefault()
    const next = messages[Math.max(0, indexOf(chosen) + step)]
    if (next) onChoose(next)
  }
  const reveal = useEffectEvent(() => {
    const index = indexOf(chosen)
    // The first is chosen while nobody chose: who has scrolled away stays where they are.
    if (index > 0) virtual.scrollToIndex(index)
  })
  useEffect(() => reveal(), [chosen])
  return (
    <div className="@container flex min-h-0 grow flex-col">
      <div aria-hidden className={classes(COLUMNS, 'h-8 shrink-0 border-b border-line text-xs text-muted')}>
        <span>Time</span>
        <span>Place</span>
        <span className="hidden @lg:block">Key</span>
        <span>Value</span>
        <span className="hidden @3xl:block">Headers</span>
        <span className="hidden text-right @lg:block">Size</span>
      </div>
      <div ref={list} role="listbox" tabIndex={0} aria-label={`Messages, ${order}`} onKeyDown={move} className="min-h-0 grow overflow-y-auto -outline-offset-2">
        <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const message = messages[item.index]
            return (
              message && (
                <div key={item.key} role="presentation" className="absolute inset-x-0 top-0" style={{ transform: `translateY(${item.start}px)` }}>
                  <Row message={message} chosen={placeOf(message) === chosen} onChoose={onChoose} />
                </div>
              )
            )
          })}
        </div>
      </div>
    </div>
  )
}
