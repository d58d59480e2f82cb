import { Pause, Play } from 'lucide-react'
import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react'
import { Button } from '@/components/button'
import { count } from '@/components/format'
import type { MessageBatch, TopicMessage } from '@/live/protocol'
import { useResumingChannel } from '@/live/use-resuming-channel'
import { MessageBuffer } from './message-buffer'
import { MessageDetail } from './message-detail'
import { MessageList, placeOf } from './message-list'

interface Props {
  workspaceId: string
  name: string
  /** Of the topic: a channel that ended is taken up again when it has changed. */
  revision: number | undefined
  /** At the left of the tools. */
  lead?: ReactNode
}

/** The newest messages of a topic as they arrive, and one of them in full. */
export function MessagesView({ workspaceId, name, revision, lead }: Props) {
  const [buffer] = useState(() => new MessageBuffer())
  const [chosen, setChosen] = useState<TopicMessage>()
  useSyncExternalStore(buffer.subscribe, () => buffer.version)
  const failure = useResumingChannel<MessageBatch>({ kind: 'messages', workspaceId, topic: name }, revision, { event: (batch) => buffer.push(batch) })
  const shown = chosen ?? buffer.visible[0]
  useEffect(() => setChosen(undefined), [name])

  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex h-10 shrink-0 items-center justify-between gap-2 border-b border-line px-3">
        {lead}
        <span className="grow truncate text-xs text-muted">
          {count(buffer.visible.length)} newest
          {buffer.skipped > 0 && <> · {count(buffer.skipped)} passed over, more arrive than are shown</>}
        </span>
        <Button className="h-7 px-2" aria-pressed={buffer.paused} onClick={() => buffer.pause(!buffer.paused)}>
          {buffer.paused ? <Play className="size-3.5" /> : <Pause className="size-3.5" />}
          {buffer.paused ? `Resume${buffer.passed > 0 ? ` (${count(buffer.passed)} new)` : ''}` : 'Pause'}
        </Button>
      </div>
      {failure ? (
        <p role="alert" className="p-4 text-muted">
          {failure.message} {failure.hint}
        </p>
      ) : !shown ? (
        <p className="p-4 text-muted">No messages yet. They appear here as they are written.</p>
      ) : (
        <div className="grid min-h-0 grow grid-rows-2 @3xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)] @3xl:grid-rows-1">
          <MessageList messages={buffer.visible} chosen={placeOf(shown)} onChoose={setChosen} />
          <div className="min-h-0 min-w-0 border-t border-line @3xl:border-t-0 @3xl:border-l">
            <MessageDetail message={shown} />
          </div>
        </div>
      )}
    </div>
  )
}
