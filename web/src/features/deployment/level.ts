import type { LogRow } from './log-buffer'

type Entry = Extract<LogRow, { entry: unknown }>['entry']
export type Level = 'error' | 'warning' | 'platform' | 'plain'

// Upper-case words as loggers write them near the beginning, and what Python, Node and Rust print when they end in error.
const ERROR = /^.{0,48}\b(ERROR|CRITICAL|FATAL|SEVERE|PANIC)\b|^\s*"?level"?\s*[:=]\s*"?(error|fatal)|^Traceback \(most recent call last\)|^(\w+\.)*[A-Z]\w*(Error|Exception|Interrupt): |^Uncaught |panicked at /
const WARNING = /^.{0,48}\b(WARN|WARNING)\b|^\s*"?level"?\s*[:=]\s*"?warn|\b\w*Warning: /

/**
 * How loud a line is. Its words decide, not its stream: most loggers write everything to standard error.
 */
export function levelOf({ stream, text }: Pick<Entry, 'stream' | 'text'>): Level {
  if (stream === 'platform') return 'platform'
  const start = text.slice(0, 400)
  if (ERROR.test(start)) return 'error'
  return WARNING.test(start) ? 'warning' : 'plain'
}
