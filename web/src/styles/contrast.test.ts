// @vitest-environment node
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const sheet = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')
const [dark = '', light = ''] = sheet.split(":root[data-theme='light']")

function tokens(part: string): Record<string, string> {
  return Object.fromEntries([...part.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map(([, name, colour]) => [name, colour]))
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (high + 0.05) / (low + 0.05)
}

describe.each([
  ['dark', tokens(dark)],
  ['light', tokens(light)],
])('in the %s theme', (_, of) => {
  const pairs = ['text', 'muted', 'accent', 'ok', 'warn', 'bad', 'info', 'flow'].flatMap((word) => ['bg', 'surface', 'raised', 'hover'].map((ground) => [word, ground] as const))

  it.each(pairs)('%s can be read on %s', (word, ground) => {
    expect(contrast(of[word] ?? '', of[ground] ?? '')).toBeGreaterThanOrEqual(4.5)
  })

  it('what stands on the accent can be read, and curves are told from their ground', () => {
    expect(contrast(of['on-accent'] ?? '', of.accent ?? '')).toBeGreaterThanOrEqual(4.5)
    for (let i = 1; i <= 8; i += 1) expect(contrast(of[`series-${i}`] ?? '', of.surface ?? '')).toBeGreaterThanOrEqual(3)
  })
})
