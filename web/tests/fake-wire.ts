import type { Wire } from '../src/live/socket'

/** A socket whose other end is the test. */
export class FakeWire implements Wire {
  sent: Record<string, unknown>[] = []
  closed = false
  onopen: Wire['onopen'] = null
  onmessage: Wire['onmessage'] = null
  onclose: Wire['onclose'] = null

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>)
  }
  close(): void {
    this.closed = true
  }
  accept(): void {
    this.onopen?.()
  }
  say(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }
  cut(): void {
    this.onclose?.({ code: 1006 })
  }
}
