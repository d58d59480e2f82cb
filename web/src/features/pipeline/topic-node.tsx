import { Rows3 } from 'lucide-react'
import { memo } from 'react'
import { classes } from '@/components/classes'
import { bytesPerSecond } from '@/components/format'
import { useTopicRates } from '@/live/use-rates'

interface Props {
  id: string
  topic: string
  selected: boolean
  onOpen: (topic: string) => void
}

/** A topic that is no arrow: nobody writes or nobody reads it here, or several do both. */
export const TopicNode = memo(function TopicNode({ id, topic, selected, onOpen }: Props) {
  const { bytesInPerSecond } = useTopicRates(topic)
  const flowing = bytesInPerSecond > 0
  return (
    <button
      type="button"
      data-node={id}
      aria-pressed={selected}
      onClick={() => onOpen(topic)}
      className={classes(
        'flex h-full w-full items-center gap-2.5 rounded-full border bg-surface px-4 text-left hover:bg-raised',
        selected ? 'border-accent' : 'border-line-strong',
      )}
    >
      <Rows3 className="size-4 shrink-0 text-muted" />
      <span className="min-w-0 grow">
        <span className="block truncate text-xs leading-4" title={topic}>
          <span className="sr-only">Topic </span>
          {topic}{' '}
        </span>
        <span className={classes('block text-xs leading-4', flowing ? 'text-flow' : 'text-muted')}>{bytesPerSecond(bytesInPerSecond)}</span>
      </span>
    </button>
  )
})
