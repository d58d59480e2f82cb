import { memo } from 'react'
import { classes } from '@/components/classes'
import { bytesPerSecond } from '@/components/format'
import { useTopicRates } from '@/live/use-rates'
import { flowOf, pace } from './flow'
import type { GraphEdge } from './graph'
import { LABEL, path, type Route } from './layout'

interface Props {
  edge: GraphEdge
  route: Route
  /** Whether the deployments at its ends run; undefined where the end is a topic. */
  from: boolean | undefined
  to: boolean | undefined
  selected: boolean
  onOpen: (topic: string) => void
}

/** An arrow between two nodes. */
export const EdgeLine = memo(function EdgeLine({ edge, route, from, to, selected, onOpen }: Props) {
  const flow = flowOf(useTopicRates(edge.topic), from, to)
  const line = path(route.points)
  const colour = flow.flowing ? 'var(--flow)' : selected ? 'var(--accent)' : 'var(--line-strong)'
  return (
    <g data-edge={edge.topic} data-flowing={flow.flowing}>
      <path
        d={line}
        fill="none"
        stroke={colour}
        strokeWidth={flow.flowing || selected ? 2 : 1.5}
        markerEnd={flow.flowing ? 'url(#arrow-flowing)' : 'url(#arrow)'}
        className={flow.flowing ? 'flowing' : undefined}
        style={flow.flowing ? ({ '--pace': pace(flow.bytesPerSecond) } as React.CSSProperties) : undefined}
      />
      <path d={line} fill="none" stroke="transparent" strokeWidth={16} className="pointer-events-[stroke] cursor-pointer" data-control onClick={() => onOpen(edge.topic)} />
    </g>
  )
})

/** The arrow's topic and rate. A topic's own node says them already. */
export const EdgeLabel = memo(function EdgeLabel({ edge, route, from, to, selected, onOpen }: Props) {
  const flow = flowOf(useTopicRates(edge.topic), from, to)
  return (
    <button
      type="button"
      onClick={() => onOpen(edge.topic)}
      aria-pressed={selected}
      aria-label={`Topic ${edge.topic} ${bytesPerSecond(flow.bytesPerSecond)}`}
      className="absolute flex flex-col items-center justify-center rounded-md text-xs leading-4"
      style={{ left: route.label.x - LABEL.width / 2, top: route.label.y - LABEL.height / 2, ...LABEL }}
    >
      <span
        className={classes('max-w-full truncate rounded-sm bg-bg px-1.5 font-medium hover:text-accent', selected ? 'text-accent' : 'text-text')}
        title={edge.topic}
      >
        {edge.topic}
      </span>{' '}
      <span className={classes('rounded-sm bg-bg px-1.5', flow.flowing ? 'text-flow' : 'text-muted')}>{bytesPerSecond(flow.bytesPerSecond)}</span>
    </button>
  )
})

/** Arrow heads of both kinds. */
export function Markers() {
  return (
    <defs>
      {(['arrow', 'arrow-flowing'] as const).map((id) => (
        <marker key={id} id={id} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">
          <path d="M0,0.5 L7.5,4 L0,7.5 Z" fill={id === 'arrow' ? 'var(--line-strong)' : 'var(--flow)'} />
        </marker>
      ))}
    </defs>
  )
}
