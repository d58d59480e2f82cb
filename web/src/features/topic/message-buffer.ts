import type { MessageBatch, TopicMessage } from '@/live/protocol'

/** Messages kept on the page. */
export const KEPT = 500

/** The newest messages of a topic, newest first. While paused nothing shown moves. */
export class MessageBuffer {
  private rows: TopicMessage[] = []
  private aside: TopicMessage[] = []
  private held = false
  private due = false
  private listeners = new Set<() => void>()
  /** Messages that arrived while paused. */
  passed = 0
  /** Messages that were not sent, because more arrived than is shown. */
  skipped = 0
  /** All that arrived since one looks. */
  seen = 0
  version = 0

  constructor(private readonly schedule: (run: () => void) => void = (run) => void requestAnimationFrame(run)) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  get visible(): TopicMessage[] {
    return this.rows
  }

  get paused(): boolean {
    return this.held
  }

  push({ records, skipped }: MessageBatch): void {
    this.skipped += skipped
    this.seen += records.length + skipped
    const fresh = records.toReversed()
    if (this.held) {
      this.passed += records.length + skipped
      this.aside = [...fresh, ...this.aside].slice(0, KEPT)
    } else this.rows = [...fresh, ...this.rows].slice(0, KEPT)
    this.tell()
  }

  pause(on: boolean): void {
    this.held = on
    if (!on) {
      this.rows = [...this.aside, ...this.rows].slice(0, KEPT)
      this.aside = []
      this.passed = 0
    }
    this.tell()
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
}
