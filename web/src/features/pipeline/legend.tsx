import type { Stage } from './graph'

const STAGES: [Stage, string, string][] = [
  ['source', 'Source', 'bg-source'],
  ['transformation', 'Transformation', 'bg-transformation'],
  ['destination', 'Destination', 'bg-destination'],
]

/** What the colours mean. */
export function Legend() {
  return (
    <ul className="flex items-center gap-4 rounded-md border border-line bg-surface px-3 py-1.5 text-xs text-muted">
      {STAGES.map(([stage, word, colour]) => (
        <li key={stage} className="flex items-center gap-1.5">
          <span className={`h-3 w-[3px] rounded-full ${colour}`} />
          {word}
        </li>
      ))}
      <li className="flex items-center gap-1.5">
        <span className="w-4 border-t-2 border-dashed border-flow" />
        Data flows
      </li>
    </ul>
  )
}
