import type { ReactNode } from 'react'
import { classes } from '@/components/classes'
import { clock, utc } from '@/components/format'
import type { LogEntry } from '@/live/protocol'

/** A single line may have 64 KiB; this much of it is laid out. */
const DRAWN = 4_000

/** How loud a line is, as the platform read it; what the platform itself says stands apart. */
function colourOf({ stream, level }: LogEntry): string {
  if (stream === 'platform') return 'text-info'
  if (level === 'error') return 'text-bad'
  if (level === 'warning') return 'text-warn'
  return level === 'debug' ? 'text-muted' : 'text-text'
}

/** The text with what was looked for marked in it. */
function marked(text: string, wanted: RegExp | undefined): ReactNode {
  if (!wanted) return text
  const parts: ReactNode[] = []
  let end = 0
  for (const { 0: found, index } of text.matchAll(wanted)) {
    if (!found) continue
    parts.push(text.slice(end, index), <mark key={index} className="rounded-sm bg-accent text-on-accent">{found}</mark>)
    end = index + found.length
  }
  return [...parts, text.slice(end)]
}

interface Props {
  entry: LogEntry
  wrap: boolean
  showReplica: boolean
  wanted?: RegExp
  /** Around what was looked for. */
  dim?: boolean
}

export function LogLine({ entry, wrap, showReplica, wanted, dim }: Props) {
  const { time, text, replica } = entry
  const shown = text.length > DRAWN ? `${text.slice(0, DRAWN)} … (${text.length - DRAWN} more characters; copy has them)` : text
  return (
    <div className="flex gap-3">
      <time dateTime={time} title={utc(time)} className="shrink-0 text-muted select-none">
        {clock(time)}
      </time>
      {showReplica && <span className="w-6 shrink-0 text-muted select-none">r{replica}</span>}
      <span className={classes(dim ? 'text-muted' : colourOf(entry), wrap ? 'min-w-0 break-words whitespace-pre-wrap' : 'whitespace-pre')}>{marked(shown, wanted)}</span>
    </div>
  )
}

/** Between lines: a run began, something was passed over. */
export function Mark({ text }: { text: string }) {
  return (
    <div className="flex h-5 items-center gap-3 text-muted">
      <span className="h-px w-4 bg-line-strong" />
      {text}
      <span className="h-px grow bg-line" />
    </div>
  )
}
