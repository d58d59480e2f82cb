import type { MessagesFrom } from '@/api/details'
import type { TopicMessage } from '@/live/protocol'
import { headersText, oneLine } from './content'

/** Where reading begins: at the newest, following; or at a place among what is kept. */
export type Place = { kind: 'live' } | { kind: 'oldest' } | { kind: 'time'; at: string } | { kind: 'offset'; partition: number; offset: number }

export const PAGE = 200

/** A place as the address has it: `oldest`, a time, or `partition:offset`; nothing is the newest. */
export function readPlace(text: string | undefined): Place {
  if (text === 'oldest') return { kind: 'oldest' }
  const [, partition, offset] = /^(\d{1,6}):(\d{1,16})$/.exec(text ?? '') ?? []
  if (partition !== undefined && offset !== undefined) return { kind: 'offset', partition: Number(partition), offset: Number(offset) }
  const time = Date.parse(text ?? '')
  return Number.isNaN(time) ? { kind: 'live' } : { kind: 'time', at: new Date(time).toISOString() }
}

export function writePlace(place: Place): string | undefined {
  switch (place.kind) {
    case 'live':
      return undefined
    case 'oldest':
      return 'oldest'
    case 'time':
      return place.at
    case 'offset':
      return `${place.partition}:${place.offset}`
  }
}

/** The first page of a place. */
export function firstOf(place: Exclude<Place, { kind: 'live' }>): MessagesFrom {
  if (place.kind === 'oldest') return { from: 'oldest', limit: PAGE }
  return place.kind === 'time' ? { from: place.at, limit: PAGE } : { partition: place.partition, offset: place.offset, limit: PAGE }
}

/**
 * The page after one; nothing when it was the last. Of one partition it begins after the last record; of several at the
 * time of the last record, whose neighbours come twice.
 */
export function nextOf(asked: MessagesFrom, page: TopicMessage[]): MessagesFrom | undefined {
  const last = page.at(-1)
  if (!last || page.length < asked.limit) return undefined
  if (asked.offset !== undefined) return { ...asked, offset: last.offset + 1 }
  // All of one moment: the next page would be this one again.
  const stuck = asked.from === last.time
  return { limit: asked.limit, from: stuck ? new Date(Date.parse(last.time) + 1).toISOString() : last.time }
}

/** Each record once, in the order in which they came. */
export function once(pages: TopicMessage[][]): TopicMessage[] {
  const seen = new Set<string>()
  return pages.flat().filter(({ partition, offset }) => {
    const place = `${partition}:${offset}`
    return !seen.has(place) && seen.add(place)
  })
}

const texts = new WeakMap<TopicMessage, string>()

/** Everything that a message is found by. Written once: a busy topic is filtered many times a second. */
export function textOf(message: TopicMessage): string {
  const known = texts.get(message)
  if (known !== undefined) return known
  const text = [oneLine(message.key, 400), oneLine(message.value, 4_000), headersText(message)].join('\n').toLowerCase()
  texts.set(message, text)
  return text
}
