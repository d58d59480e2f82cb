import { useInfiniteQuery } from '@tanstack/react-query'
import { Pause, Play } from 'lucide-react'
import { type ReactNode, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { details } from '@/api/details'
import { Button } from '@/components/button'
import { Failure } from '@/components/failure'
import { Filter } from '@/components/filter'
import { count } from '@/components/format'
import type { MessageBatch, TopicMessage } from '@/live/protocol'
import { useResumingChannel } from '@/live/use-resuming-channel'
import { MessageBuffer } from './message-buffer'
import { MessageDetail } from './message-detail'
import { MessageList, placeOf } from './message-list'
import { firstOf, nextOf, once, type Place, readPlace, textOf, writePlace } from './place'
import { PlacePicker } from './place-picker'

interface Props {
  workspaceId: string
  name: string
  /** Of the topic: a channel that ended is taken up again when it has changed. */
  revision: number | undefined
  /** At the left of the tools. */
  lead?: ReactNode
  /** From where it is read, as the address has it; without `onAt` the view keeps it. */
  at?: string
  onAt?: (at: string | undefined) => void
}

interface Shown {
  messages: TopicMessage[]
  order: string
  /** How many, and what is missing. */
  note: ReactNode
  tool?: ReactNode
  /** Why there is nothing. */
  empty: string
  foot?: ReactNode
  failure?: ReactNode
}

/** The tools, the list and one message in full; whatever the messages come from. */
function Frame({ place, onPlace, lead, messages, order, note, tool, empty, foot, failure }: Shown & { place: Place; onPlace: (place: Place) => void; lead: ReactNode }) {
  const [chosen, setChosen] = useState<TopicMessage>()
  const [filter, setFilter] = useState('')
  const wanted = filter.toLowerCase()
  const found = useMemo(() => (wanted ? messages.filter((message) => textOf(message).includes(wanted)) : messages), [messages, wanted])
  const shown = chosen ?? found[0]
  useEffect(() => setChosen(undefined), [place])
  return (
    <div className="@container flex h-full min-h-0 flex-col">
      <div className="flex min-h-10 shrink-0 flex-wrap items-center gap-2 border-b border-line px-3 py-1.5">
        {lead}
        <PlacePicker place={place} onPlace={onPlace} />
        <Filter label="Filter messages" value={filter} onChange={setFilter} className="w-44 shrink-0 grow @3xl:max-w-72" />
        <span role="status" className="min-w-0 grow basis-40 truncate text-xs text-muted">
          {wanted && `${count(found.length)} of `}
          {note}
        </span>
        {tool}
      </div>
      {failure ?? (
        !shown || found.length === 0 ? (
          <p className="p-4 text-muted">{messages.length > 0 ? 'No message here is like that.' : empty}</p>
        ) : (
          <div className="grid min-h-0 grow grid-rows-2 @3xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)] @3xl:grid-rows-1">
            <div className="flex min-h-0 min-w-0 flex-col">
              <MessageList messages={found} order={order} chosen={placeOf(shown)} onChoose={setChosen} />
              {foot}
            </div>
            <div className="min-h-0 min-w-0 border-t border-line @3xl:border-t-0 @3xl:border-l">
              <MessageDetail message={shown} />
            </div>
          </div>
        )
      )}
    </div>
  )
}

type ViewProps = Omit<Props, 'at' | 'onAt'> & { place: Place; onPlace: (place: Place) => void }

/** The newest messages as they arrive. */
function LiveMessages({ workspaceId, name, revision, lead, place, onPlace }: ViewProps) {
  const [buffer] = useState(() => new MessageBuffer())
  useSyncExternalStore(buffer.subscribe, () => buffer.version)
  const failure = useResumingChannel<MessageBatch>({ kind: 'messages', workspaceId, topic: name }, revision, { event: (batch) => buffer.push(batch) })
  return (
    <Frame
      place={place}
      onPlace={onPlace}
      lead={lead}
      messages={buffer.visible}
      order="newest first"
      note={
        <>
          {count(buffer.visible.length)} newest of {count(buffer.seen)}
          {buffer.skipped > 0 && <> · {count(buffer.skipped)} passed over, more arrive than are shown</>}
        </>
      }
      tool={
        <Button className="h-7 px-2" aria-pressed={buffer.paused} onClick={() => buffer.pause(!buffer.paused)}>
          {buffer.paused ? <Play className="size-3.5" /> : <Pause className="size-3.5" />}
          {buffer.paused ? `Resume${buffer.passed > 0 ? ` (${count(buffer.passed)} new)` : ''}` : 'Pause'}
        </Button>
      }
      empty="No messages yet. They appear here as they are written."
      failure={
        failure && (
          <p role="alert" className="p-4 text-muted">
            {failure.message} {failure.hint}
          </p>
        )
      }
    />
  )
}

/** What the topic keeps, from a place onwards. */
function KeptMessages({ workspaceId, name, lead, place, onPlace }: ViewProps & { place: Exclude<Place, { kind: 'live' }> }) {
  const { data, error, isPending, isFetching, hasNextPage, fetchNextPage, refetch } = useInfiniteQuery({
    queryKey: ['messages', workspaceId, name, place],
    queryFn: ({ pageParam, signal }) => details.messages(workspaceId, name, pageParam, signal),
    initialPageParam: firstOf(place),
    getNextPageParam: (last, _, asked) => nextOf(asked, last),
    staleTime: Infinity,
    gcTime: 0,
  })
  const messages = useMemo(() => once(data?.pages ?? []), [data])
  return (
    <Frame
      place={place}
      onPlace={onPlace}
      lead={lead}
      messages={messages}
      order="oldest first"
      note={isPending ? 'Reading…' : `${count(messages.length)} read${hasNextPage ? ', more follow' : ', up to the newest'}`}
      empty={isPending ? 'Reading…' : 'Nothing is kept from there on.'}
      tool={
        !hasNextPage && !isPending && (
          <Button className="h-7 px-2" disabled={isFetching} onClick={() => void refetch()}>
            Read again
          </Button>
        )
      }
      foot={
        hasNextPage && (
          <div className="shrink-0 border-t border-line px-3 py-1.5">
            <Button className="h-7" disabled={isFetching} onClick={() => void fetchNextPage()}>
              {isFetching ? 'Reading…' : 'Load more'}
            </Button>
          </div>
        )
      }
      failure={error && !data && <Failure title="The messages cannot be read" error={error} onRetry={() => void refetch()} />}
    />
  )
}

/** The messages of a topic: the newest as they arrive, or those that are kept, and one of them in full. */
export function MessagesView(props: Props) {
  const [own, setOwn] = useState<string>()
  const { at = own, onAt = setOwn } = props
  const place = useMemo(() => readPlace(at), [at])
  const move = (next: Place) => onAt(writePlace(next))
  if (place.kind === 'live') return <LiveMessages {...props} place={place} onPlace={move} />
  return <KeptMessages {...props} place={place} onPlace={move} />
}
