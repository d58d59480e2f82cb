import type { Seen } from './client'

/**
 * Knows how far each workspace's changes were seen, so that an answer which was on its way while a change happened
 * does not bring the old state back.
 */
export class Freshness {
  private seen = new Map<string, number>()

  /** A change with this sequence number was seen. */
  note(workspace: string, seq: number): void {
    if (seq > this.of(workspace)) this.seen.set(workspace, seq)
  }

  /** After a reset the platform may count anew. */
  restart(workspace: string, seq: number): void {
    this.seen.set(workspace, seq)
  }

  of(workspace: string): number {
    return this.seen.get(workspace) ?? 0
  }

  /**
   * Reads until the answer holds every change that had been seen when it was asked for. A platform that keeps
   * answering from the past is believed after `tries`: stale is better than nothing.
   */
  async read<T>(workspace: string, ask: () => Promise<Seen<T>>, tries = 3): Promise<Seen<T>> {
    for (let left = tries; ; left -= 1) {
      const needed = this.of(workspace)
      const answer = await ask()
      if (answer.asOf >= needed || left <= 1) return answer
    }
  }
}

/** The newer of what is shown and what arrived. */
export function newer<T>(shown: Seen<T> | undefined, arrived: Seen<T>): Seen<T> {
  return shown && shown.asOf > arrived.asOf ? shown : arrived
}
