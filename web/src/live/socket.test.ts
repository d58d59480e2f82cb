import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeWire } from '../../tests/fake-wire'
import { LiveSocket } from './socket'

let wires: FakeWire[]
let visible: boolean
let socket: LiveSocket
const last = () => wires.at(-1) as FakeWire

beforeEach(() => {
  vi.useFakeTimers()
  wires = []
  visible = true
  const connect = () => {
    const wire = new FakeWire()
    wires.push(wire)
    return wire
  }
  socket = new LiveSocket({ connect, random: () => 1, visible: () => visible })
})
afterEach(() => vi.useRealTimers())

const changes = { kind: 'changes', workspaceId: 'ws' } as const

describe('the live socket', () => {
  it('connects with the first channel and opens it once it stands', () => {
    expect(wires).toHaveLength(0)
    const event = vi.fn()
    socket.open(changes, { event })
    expect(last().sent).toEqual([])
    last().accept()
    expect(last().sent).toEqual([{ op: 'open', ch: 1, kind: 'changes', workspaceId: 'ws' }])
    last().say({ ch: 1, op: 'event', cursor: '5', data: { seq: 5 } })
    expect(event).toHaveBeenCalledWith({ seq: 5 }, '5')
  })

  it('carries many channels on one connection and closes each by itself', () => {
    const close = socket.open(changes, { event: vi.fn() })
    const rates = vi.fn()
    socket.open({ kind: 'rates', workspaceId: 'ws' }, { event: rates })
    last().accept()
    close()
    expect(wires).toHaveLength(1)
    expect(last().sent.at(-1)).toEqual({ op: 'close', ch: 1 })
    last().say({ ch: 1, op: 'event', data: {} })
    last().say({ ch: 2, op: 'event', data: 'x' })
    expect(rates).toHaveBeenCalledTimes(1)
  })

  it('gives a connection up when the network is gone, and is back with it', () => {
    socket.lost()
    expect(socket.status).toBe('idle')
    socket.open(changes, { event: vi.fn() })
    last().accept()
    socket.lost()
    expect(socket.status).toBe('offline')
    socket.wake()
    expect(wires).toHaveLength(2)
    last().accept()
    expect(socket.status).toBe('live')
  })

  it('goes on where each channel stood after a cut', () => {
    socket.open(changes, { event: vi.fn() })
    socket.open({ kind: 'logs', deploymentId: 'd' }, { event: vi.fn() })
    socket.open({ kind: 'rates', workspaceId: 'ws' }, { event: vi.fn() })
    last().accept()
    last().say({ ch: 1, op: 'opened', cursor: '41' })
    last().say({ ch: 1, op: 'event', cursor: '42', data: {} })
    last().say({ ch: 2, op: 'event', cursor: 'a-7', data: {} })
    last().say({ ch: 3, op: 'event', cursor: '9', data: {} })
    last().cut()
    expect(socket.status).toBe('offline')
    vi.advanceTimersByTime(500)
    last().accept()
    expect(socket.status).toBe('live')
    expect(last().sent).toEqual([
      { op: 'open', ch: 1, kind: 'changes', workspaceId: 'ws', after: 42 },
      { op: 'open', ch: 2, kind: 'logs', deploymentId: 'd', cursor: 'a-7' },
      { op: 'open', ch: 3, kind: 'rates', workspaceId: 'ws' },
    ])
  })

  it('waits longer after each failure and starts anew after a success', () => {
    socket.open(changes, { event: vi.fn() })
    for (const pause of [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]) {
      const before = wires.length
      last().cut()
      vi.advanceTimersByTime(pause - 1)
      expect(wires).toHaveLength(before)
      vi.advanceTimersByTime(1)
      expect(wires).toHaveLength(before + 1)
    }
    last().accept()
    last().cut()
    vi.advanceTimersByTime(500)
    last().accept()
    expect(socket.status).toBe('live')
  })

  it('takes 40 seconds of silence for a cut, and pings for life', () => {
    socket.open(changes, { event: vi.fn() })
    last().accept()
    for (let i = 0; i < 4; i += 1) {
      vi.advanceTimersByTime(15_000)
      last().say({ op: 'ping' })
    }
    expect(wires).toHaveLength(1)
    vi.advanceTimersByTime(40_000)
    expect(wires[0]?.closed).toBe(true)
    expect(socket.status).toBe('offline')
  })

  it('hands a reset on and continues from its cursor', () => {
    const reset = vi.fn()
    socket.open(changes, { event: vi.fn(), reset })
    last().accept()
    last().say({ ch: 1, op: 'reset', cursor: '977' })
    expect(reset).toHaveBeenCalledWith('977')
    last().cut()
    vi.advanceTimersByTime(500)
    last().accept()
    expect(last().sent[0]).toMatchObject({ after: 977 })
  })

  it('does not reopen a channel that was refused', () => {
    const error = vi.fn()
    socket.open(changes, { event: vi.fn() })
    socket.open({ kind: 'logs', deploymentId: 'gone' }, { event: vi.fn(), error })
    last().accept()
    const refusal = { code: 'not-found', message: "There is no deployment 'gone'." }
    last().say({ ch: 2, op: 'error', error: refusal })
    expect(error).toHaveBeenCalledWith(refusal)
    last().cut()
    vi.advanceTimersByTime(500)
    last().accept()
    expect(last().sent).toHaveLength(1)
  })

  it('does not dial from a hidden tab, and at once when it is looked at again', () => {
    socket.open(changes, { event: vi.fn() })
    last().accept()
    visible = false
    last().cut()
    vi.advanceTimersByTime(60_000)
    expect(wires).toHaveLength(1)
    visible = true
    socket.wake()
    expect(wires).toHaveLength(2)
  })

  it('is let go when nothing listens any more, but not between two pages', () => {
    const close = socket.open(changes, { event: vi.fn() })
    last().accept()
    close()
    const again = socket.open(changes, { event: vi.fn() })
    vi.advanceTimersByTime(10_000)
    expect(last().closed).toBe(false)
    again()
    vi.advanceTimersByTime(5_000)
    expect(last().closed).toBe(true)
    expect(socket.status).toBe('idle')
  })

  it('survives frames that are not JSON', () => {
    const event = vi.fn()
    socket.open(changes, { event })
    last().accept()
    last().onmessage?.({ data: 'nonsense' })
    last().say({ ch: 1, op: 'event', data: 1 })
    expect(event).toHaveBeenCalledTimes(1)
  })
})
