import { moment } from './units'

interface Props {
  title: string
  /** Of the crosshair; without it the last values stand. */
  time: number | undefined
  utc: boolean
  items: { label: string; colour: string; text: string }[]
  limit?: string
}

/** What the curves of a chart are, with their values at the crosshair or the last ones. */
export function Legend({ title, time, utc, items, limit }: Props) {
  return (
    <figcaption className="flex min-w-0 flex-wrap items-baseline gap-x-4 gap-y-0.5">
      <span className="font-medium">{title}</span>
      <ul className="contents">
        {items.map(({ label, colour, text }) => (
          <li key={label} className="flex min-w-0 items-baseline gap-1.5 text-xs">
            <span aria-hidden className="h-0.5 w-3 shrink-0 self-center rounded-full" style={{ background: colour }} />
            {label && <span className="max-w-48 truncate text-muted" title={label}>{label}</span>}
            <span className="whitespace-nowrap">{text}</span>
          </li>
        ))}
      </ul>
      {limit && (
        <span className="flex items-baseline gap-1.5 text-xs text-muted">
          <span aria-hidden className="w-3 self-center border-t border-dashed border-warn" />
          {limit}
        </span>
      )}
      <span className="ml-auto text-xs whitespace-nowrap text-muted">{time !== undefined && moment(time, utc)}</span>
    </figcaption>
  )
}
