import type { Open } from '../src/live/protocol'
import { emptyWorld, ratesOf, type World } from '../mock/world'
import { FakeWire } from './fake-wire'

type Frame = { op: string; ch: number } & Open

/** Stands in for the browser's WebSocket and answers from a pretended world, when the test says so. */
export class LivePlatform {
  wires: LiveWire[] = []
  world: World = emptyWorld()

  constructor() {
    const platform = this
    class Connected extends LiveWire {
      constructor() {
        super(platform)
        platform.wires.push(this)
        queueMicrotask(() => this.accept())
      }
    }
    Object.defineProperty(globalThis, 'WebSocket', { configurable: true, writable: true, value: Connected })
  }

  /** Goes on with another world, as after a restart; the tab's connection stays. */
  become(world: World): void {
    this.world = world
    world.listeners.add((change) => this.say('changes', { op: 'event', cursor: String(change.seq), data: change }))
  }

  /** Sends a frame on every open channel of a kind. */
  say(kind: Open['kind'], frame: object): void {
    for (const wire of this.wires) {
      for (const [ch, open] of wire.channels) if (open.kind === kind && !wire.closed) wire.say({ ch, ...frame })
    }
  }

  /** A second passes: figures arrive. */
  tick(workspaceId: string): void {
    this.say('rates', { op: 'event', data: ratesOf(this.world, workspaceId) })
  }
}

class LiveWire extends FakeWire {
  channels = new Map<number, Open>()

  constructor(private readonly platform: LivePlatform) {
    super()
  }

  override send(text: string): void {
    super.send(text)
    const frame = JSON.parse(text) as Frame
    if (frame.op === 'close') return void this.channels.delete(frame.ch)
    this.channels.set(frame.ch, frame)
    const cursor = frame.kind === 'changes' ? String(this.platform.world.seq.get(frame.workspaceId) ?? 0) : '0'
    queueMicrotask(() => this.say({ ch: frame.ch, op: 'opened', cursor }))
  }
}
