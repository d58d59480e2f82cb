// @vitest-environment node
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import type { Manifest } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
// @ts-expect-error: a plain script
import { generate } from '../scripts/gen.mjs'

/** What a browser that comes for the first time may be made to load, in bytes as they travel. */
const FIRST_SCREEN = 200_000

/** Pieces that come when they are first wanted. */
const LATER = [
  'src/components/menu-body.tsx',
  'src/routes/deployment.tsx',
  'src/routes/deployments.tsx',
  'src/routes/topics.tsx',
  'src/features/build/build-view.tsx',
  'src/features/deployment/deploy-dialog.tsx',
  'src/features/deployment/deployment-panel.tsx',
  'src/features/deployment/edit-dialog.tsx',
  'src/features/deployment/schedule-text.tsx',
  'src/features/history/history-view.tsx',
  'src/features/logs/log-search.tsx',
  'src/features/logs/logs-tab.tsx',
  'src/features/metrics/deployment-metrics.tsx',
  'src/features/notifications/bell.tsx',
  'src/features/shell/help.tsx',
  'src/features/shell/palette.tsx',
  'src/features/topic/create-dialog.tsx',
  'src/features/topic/topic-panel.tsx',
]

let out: string
let manifest: Manifest

beforeAll(async () => {
  out = mkdtempSync(join(tmpdir(), 'headwater-portal-'))
  // In a process of its own: this one says that it tests, and React would come with its warnings.
  const { NODE_ENV: _, ...env } = process.env
  await promisify(execFile)('npx', ['vite', 'build', '--outDir', out, '--emptyOutDir', '--logLevel', 'error'], { env })
  manifest = JSON.parse(readFileSync(join(out, '.vite/manifest.json'), 'utf8')) as Manifest
}, 120_000)
afterAll(() => rmSync(out, { recursive: true, force: true }))

const read = (file: string) => readFileSync(join(out, file))
const travels = (file: string) => (file.endsWith('.woff2') ? read(file).length : gzipSync(read(file)).length)

/** What `/app/` leads to: the page, then the frame and the pipeline where they are pieces of their own. */
const FIRST = ['index.html', 'src/features/shell/shell.tsx', 'src/routes/pipeline.tsx']

/** The files of some entries, with all that they import; what is no entry travels within another. */
function filesOf(...entries: string[]): Set<string> {
  const files = new Set<string>()
  const visit = (key: string) => {
    const chunk = manifest[key]
    if (!chunk && !entries.includes(key)) throw new Error(`${key} is not in the build`)
    if (!chunk) return
    if (files.has(chunk.file)) return
    files.add(chunk.file)
    for (const css of chunk.css ?? []) files.add(css)
    for (const imported of chunk.imports ?? []) visit(imported)
  }
  entries.forEach(visit)
  return files
}

describe('what is built', () => {
  it('shows the pipeline within the budget, the font included', () => {
    const files = filesOf(...FIRST)
    // What the page itself names is loaded, too, whatever the manifest says.
    const page = read('index.html').toString()
    for (const [, file] of page.matchAll(/(?:src|href)="\/app\/([^"]+)"/g)) if (file) files.add(file)
    const scripts = [...files].filter((file) => file.endsWith('.js'))
    // The pipeline is in what was counted: an empty page would be small, too.
    expect(scripts.some((file) => read(file).includes('Nothing runs here yet'))).toBe(true)
    const font = Object.values(manifest).flatMap((chunk) => [chunk.file, ...(chunk.assets ?? [])]).find((file) => /inter-core.*woff2$/.test(file))
    if (!font) throw new Error('the first screen has a font of its own')
    for (const file of [font, 'index.html', 'theme.js', 'favicon.svg']) files.add(file)
    const total = [...files].reduce((sum, file) => sum + travels(file), 0)
    console.info(`first screen: ${(total / 1000).toFixed(1)} kB in ${files.size} files`)
    expect(total).toBeLessThan(FIRST_SCREEN)
  })

  it('keeps menus, palette, panels and their libraries out of the first screen', () => {
    const first = filesOf(...FIRST)
    for (const later of LATER) {
      const chunk = manifest[later]
      if (!chunk) throw new Error(`${later} is no piece of its own`)
      expect(first).not.toContain(chunk.file)
    }
  })

  it('needs nothing that a strict content security policy forbids', () => {
    const page = read('index.html').toString()
    expect([...page.matchAll(/<script\b[^>]*>/g)].every(([tag]) => tag.includes(' src="/app/'))).toBe(true)
    expect(page).not.toMatch(/<style|\son\w+=|javascript:/i)
    const sheets = Object.values(manifest).flatMap((chunk) => chunk.css ?? [])
    expect(sheets.length).toBeGreaterThan(0)
    for (const sheet of sheets) expect(read(sheet).toString()).not.toMatch(/url\(["']?(data|https?):/)
  })

  it('carries nothing of the pretended platform', () => {
    const scripts = Object.values(manifest).map((chunk) => chunk.file).filter((file) => file.endsWith('.js'))
    for (const script of scripts) expect(read(script).toString()).not.toMatch(/machine-telemetry|mockServiceWorker/)
  })
})

it('uses the types that the API’s document gives today (`npm run gen` renews them)', async () => {
  const kept = readFileSync(new URL('../src/api/generated/schema.d.ts', import.meta.url), 'utf8')
  expect(kept === (await generate())).toBe(true)
})
