import type { Content, TopicMessage } from '@/live/protocol'

/** A content on one line, for a table. */
export function oneLine(content: Content | null, most = 400): string {
  if (content === null) return ''
  if ('json' in content) return JSON.stringify(content.json).slice(0, most)
  if ('text' in content) return content.text.slice(0, most).replaceAll(/\s+/g, ' ')
  return `${content.base64.slice(0, 48)}…`
}

/** The headers on one line: `content-type=application/json source=plant-2`. */
export function headersText({ headers }: Pick<TopicMessage, 'headers'>): string {
  return headers.map(([name, value]) => `${name}=${oneLine(value, 60)}`).join(' ')
}

/** A content in full, as text; JSON is laid out. */
export function asText(content: Content | null): string {
  if (content === null) return ''
  if ('json' in content) return JSON.stringify(content.json, undefined, 2)
  return 'text' in content ? content.text : new TextDecoder().decode(bytesOf(content))
}

/** The bytes. Of JSON those of its compact form: how it was spaced is not sent. */
export function bytesOf(content: Content | null): Uint8Array {
  if (content === null) return new Uint8Array()
  if ('base64' in content) return Uint8Array.from(atob(content.base64), (char) => char.charCodeAt(0))
  return new TextEncoder().encode('text' in content ? content.text : JSON.stringify(content.json))
}

/** Sixteen bytes a line: offset, hexadecimal, readable characters. */
export function hexDump(bytes: Uint8Array, most = 16_384): string {
  const lines: string[] = []
  for (let at = 0; at < Math.min(bytes.length, most); at += 16) {
    const row = [...bytes.subarray(at, at + 16)]
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const text = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '·')).join('')
    lines.push(`${at.toString(16).padStart(6, '0')}  ${hex.padEnd(47)}  ${text}`)
  }
  if (bytes.length > most) lines.push(`… ${bytes.length - most} more bytes`)
  return lines.join('\n')
}

export type Form = 'json' | 'text' | 'hex'

/** The forms in which a content can be read, the best first. */
export function formsOf(content: Content | null): Form[] {
  if (content === null) return ['text']
  if ('json' in content) return ['json', 'text', 'hex']
  return 'text' in content ? ['text', 'hex'] : ['hex', 'text']
}
