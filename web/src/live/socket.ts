import type { LiveError, Open, ServerFrame } from './protocol'

/** What a channel's owner is told. */
export interface ChannelHandlers<T> {
  opened?(cursor: string | undefined): void
  event(data: T, cursor: string | undefined): void
  /** What was missed is gone: read the state anew. */
  reset?(cursor: string | undefined): void
  /** The channel cannot open or go on; it is closed. */
  error?(error: LiveError): void
  /** It ended by itself. */
  closed?(): void
}

export type LiveStatus = 'idle' | 'connecting' | 'live' | 'offline'

/** The part of a WebSocket that is used, so that tests can stand in. */
export interface Wire {
  send(text: string): void
  close(): void
  onopen: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: ((event: { code: number }) => void) | null
}

export interface LiveOptions {
  connect: () => Wire
  random?: () => number
  /** Whether someone looks: a hidden tab does not dial again by itself. */
  visible?: () => boolean
}

interface Channel {
  open: Open
  cursor: string | undefined
  handlers: ChannelHandlers<never>
}

const SILENCE = 40_000
const BACK_OFF = [500, 1_000, 2_000, 4_000, 8_000, 15_000]
const LINGER = 5_000

/**
 * The one live connection of a tab. It connects when the first channel opens, comes back by itself after a cut, and
 * reopens every channel where it stood.
 */
export class LiveSocket {
  private wire: Wire | undefined
  private channels = new Map<number, Channel>()
  private listeners = new Set<() => void>()
  private next = 1
  private failures = 0
  private redial: ReturnType<typeof setTimeout> | undefined
  private watchdog: ReturnType<typeof setTimeout> | undefined
  private linger: ReturnType<typeof setTimeout> | undefined
  private heard = 0
  private state: LiveStatus = 'idle'

  constructor(private readonly options: LiveOptions) {}

  get status(): LiveStatus {
    return this.state
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  /** Opens a channel; the answer closes it. */
  open<T>(open: Open, handlers: ChannelHandlers<T>): () => void {
    const ch = this.next++
    const cursor = 'after' in open && open.after !== undefined ? String(open.after) : 'cursor' in open ? open.cursor : undefined
    this.channels.set(ch, { open, cursor, handlers: handlers as ChannelHandlers<never> })
    clearTimeout(this.linger)
    if (this.state === 'live') this.sendOpen(ch)
    else if (!this.wire && this.redial === undefined) this.dial()
    return () => this.close(ch)
  }

  /** Tries at once: the tab became visible, or the network came back. */
  wake(): void {
    if (this.wire) {
      // Timers of a hidden tab may be late; silence is judged by the clock.
      if (this.state === 'live' && Date.now() - this.heard > SILENCE) this.drop()
      return
    }
    if (this.channels.size > 0) this.dial()
  }

  /** The browser says that the network is gone; the connection itself would find out much later. */
  lost(): void {
    if (this.wire) this.drop()
  }

  private close(ch: number): void {
    if (!this.channels.delete(ch)) return
    if (this.state === 'live') this.wire?.send(JSON.stringify({ op: 'close', ch }))
    if (this.channels.size > 0) return
    clearTimeout(this.linger)
    // Moving between pages closes and opens within moments; the connection is kept over it.
    this.linger = setTimeout(() => this.rest(), LINGER)
  }

  private rest(): void {
    if (this.channels.size > 0) return
    clearTimeout(this.redial)
    this.redial = undefined
    this.hangUp()
    this.enter('idle')
  }

  private dial(): void {
    clearTimeout(this.redial)
    this.redial = undefined
    if (this.state !== 'offline') this.enter('connecting')
    const wire = this.options.connect()
    this.wire = wire
    this.watch()
    wire.onopen = () => {
      this.failures = 0
      this.enter('live')
      for (const ch of this.channels.keys()) this.sendOpen(ch)
    }
    wire.onmessage = (event) => this.receive(String(event.data))
    wire.onclose = () => this.drop()
  }

  private sendOpen(ch: number): void {
    const channel = this.channels.get(ch)
    if (!channel) return
    const { open, cursor } = channel
    const place = cursor === undefined ? {} : open.kind === 'changes' ? { after: Number(cursor) } : open.kind === 'rates' ? {} : { cursor }
    this.wire?.send(JSON.stringify({ op: 'open', ch, ...open, ...place }))
  }

  private receive(text: string): void {
    this.heard = Date.now()
    this.watch()
    const frame = parse(text)
    if (!frame || frame.op === 'ping') return
    const channel = this.channels.get(frame.ch)
    // Frames that were on their way when the channel was closed.
    if (!channel) return
    if ('cursor' in frame && frame.cursor !== undefined) channel.cursor = frame.cursor
    const { handlers } = channel
    if (frame.op === 'event') handlers.event(frame.data as never, frame.cursor)
    else if (frame.op === 'opened') handlers.opened?.(frame.cursor)
    else if (frame.op === 'reset') handlers.reset?.(frame.cursor)
    else {
      this.channels.delete(frame.ch)
      if (frame.op === 'error') handlers.error?.(frame.error)
      else handlers.closed?.()
    }
  }

  private watch(): void {
    clearTimeout(this.watchdog)
    this.watchdog = setTimeout(() => this.drop(), SILENCE)
  }

  private hangUp(): void {
    clearTimeout(this.watchdog)
    const wire = this.wire
    this.wire = undefined
    if (!wire) return
    wire.onopen = wire.onmessage = wire.onclose = null
    wire.close()
  }

  private drop(): void {
    this.hangUp()
    if (this.channels.size === 0) return this.enter('idle')
    this.enter('offline')
    if (this.options.visible && !this.options.visible()) return
    const base = BACK_OFF[Math.min(this.failures, BACK_OFF.length - 1)] ?? 15_000
    this.failures += 1
    // Half fixed, half random: many tabs do not come back in one moment.
    const delay = base / 2 + (this.options.random ?? Math.random)() * (base / 2)
    this.redial = setTimeout(() => this.dial(), delay)
  }

  private enter(state: LiveStatus): void {
    if (state === this.state) return
    this.state = state
    for (const listener of this.listeners) listener()
  }
}

function parse(text: string): ServerFrame | undefined {
  try {
    return JSON.parse(text) as ServerFrame
  } catch {
    return undefined
  }
}
