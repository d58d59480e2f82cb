import { type Level, LEVELS } from '@/api/log-query'
import type { LogEntry } from '@/live/protocol'

/** Lines kept; older ones leave. */
export const KEPT = 50_000

export type LogRow =
  | { kind: 'line'; id: number; entry: LogEntry }
  /** A run began, or something was passed over. */
  | { kind: 'mark'; id: number; text: string }

/**
 * The lines of one log, as a list that is filtered as it grows. While paused nothing shown moves; what arrives is kept
 * aside and counted.
 */
export class LogBuffer {
  private rows: LogRow[] = []
  private aside: LogRow[] = []
  private shown: LogRow[] = []
  private runs = new Map<number, string>()
  private listeners = new Set<() => void>()
  private wanted = ''
  private level: Level | undefined
  private due = false
  private lastId = 0
  private held = false
  private replicaSet = new Set<number>()
  /** Lines that arrived while paused. */
  passed = 0
  /** Lines that left because too many are kept. */
  dropped = 0

  constructor(private readonly schedule: (run: () => void) => void = (run) => void requestAnimationFrame(run)) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  /** What is shown; a new array whenever it changed. */
  get visible(): LogRow[] {
    return this.shown
  }

  get paused(): boolean {
    return this.held
  }

  /** Lines kept, whatever the filter shows. */
  get size(): number {
    return this.rows.length
  }

  /** Whether lines of several replicas are mixed, so that each line should say whose it is. */
  get replicas(): number {
    return this.replicaSet.size
  }

  append(entries: LogEntry[]): void {
    const fresh = entries.flatMap((entry) => this.rowsOf(entry))
    if (this.held) {
      this.aside = keep([...this.aside, ...fresh])
      this.passed += entries.length
    } else this.take(fresh)
    this.tell()
  }

  mark(text: string): void {
    const row: LogRow = { kind: 'mark', id: ++this.lastId, text }
    if (this.held) this.aside = keep([...this.aside, row])
    else this.take([row])
    this.tell()
  }

  pause(on: boolean): void {
    this.held = on
    if (!on) {
      const fresh = this.aside
      this.aside = []
      this.passed = 0
      this.take(fresh)
    }
    this.tell()
  }

  /** Shows lines with this text that are as loud as this, or louder. */
  filter(text: string, level?: Level): void {
    this.wanted = text.toLowerCase()
    this.level = level
    this.shown = this.rows.filter((row) => this.matches(row))
    this.tell()
  }

  clear(): void {
    this.rows = []
    this.shown = []
    this.tell()
  }

  private rowsOf(entry: LogEntry): LogRow[] {
    const { replica, version = '?', attempt = '?' } = entry
    const run = `version ${version} · run ${attempt}`
    const rows: LogRow[] = []
    if (replica !== undefined) {
      this.replicaSet.add(replica)
      if (this.runs.get(replica) !== run) rows.push({ kind: 'mark', id: ++this.lastId, text: `replica ${replica} · ${run}` })
      this.runs.set(replica, run)
    }
    return [...rows, { kind: 'line', id: ++this.lastId, entry }]
  }

  private take(fresh: LogRow[]): void {
    const before = this.rows.length + fresh.length
    this.rows = keep([...this.rows, ...fresh])
    this.dropped += before - this.rows.length
    const first = this.rows[0]?.id ?? 0
    const kept = this.shown.length > 0 && (this.shown[0]?.id ?? 0) < first ? this.shown.filter((row) => row.id >= first) : this.shown
    this.shown = [...kept, ...fresh.filter((row) => row.id >= first && this.matches(row))]
  }

  private matches(row: LogRow): boolean {
    if (row.kind === 'mark') return this.wanted === '' && !this.level
    return this.loud(row.entry) && (this.wanted === '' || row.entry.text.toLowerCase().includes(this.wanted))
  }

  private loud({ level }: LogEntry): boolean {
    return !this.level || (level !== undefined && LEVELS.indexOf(level) <= LEVELS.indexOf(this.level))
  }

  private tell(): void {
    if (this.due) return
    this.due = true
    this.schedule(() => {
      this.due = false
      this.version += 1
      for (const listener of this.listeners) listener()
    })
  }

  /** Grows whenever anything that is shown changed. */
  version = 0
}

function keep(rows: LogRow[]): LogRow[] {
  return rows.length > KEPT ? rows.slice(rows.length - KEPT) : rows
}
