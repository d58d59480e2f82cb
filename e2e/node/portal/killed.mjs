// Every page open at once while the platform is killed and started again: each says that it is cut off, comes back by
// itself, and shows what has changed meanwhile.
// node killed.mjs SIGN_IN_URL WORLD.json
import { readFileSync } from 'node:fs'
import { start } from './chromium.mjs'
import { css, role, text, there } from './finding.mjs'
import { pass, play, tell } from './meeting.mjs'

const [signIn, world] = process.argv.slice(2)
const { deployments: ids } = JSON.parse(readFileSync(world, 'utf8'))
const origin = new URL(signIn).origin
const CUT = text('The connection to the platform is cut')

/** What must come to be true on a page once the platform is back; in the page, of what it said before. */
const flows = there('[data-edge="line-1-raw"][data-flowing="true"]')
const completed = (window, selector) => window.until((selector) => document.querySelector(selector)?.textContent.includes('Completed'), selector)
const newest = (window) => window.run(() => document.querySelector('[role=option]')?.textContent)
const ticks = (window) => window.run(() => Math.max(0, ...[...document.querySelector('[role=log]').textContent.matchAll(/tick (\d+) /g)].map(([, tick]) => Number(tick))))

/** A page of messages goes on when its newest is another. */
const messages = {
  before: newest,
  after: (window, before) => window.until((before) => {
    const now = document.querySelector('[role=option]')?.textContent
    return now && now !== before
  }, before),
}
/** A log goes on when it counts on. */
const counting = {
  before: ticks,
  after: async (window, before) => {
    await window.until((before) => {
      const said = document.querySelector('[role=log]')?.textContent ?? ''
      return [...said.matchAll(/tick (\d+) /g)].some(([, tick]) => Number(tick) > before + 10)
    }, before)
    await unbroken(window, before)
  },
}

/** All lines of the log, from the first to the last, by scrolling through it; each tick comes once and in its turn. */
async function unbroken(window, before) {
  await window.click(role('button', 'Pause'))
  const lines = await window.run(async () => {
    const log = document.querySelector('[role=log]')
    const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
    const all = new Map()
    for (let top = 0; top < log.scrollHeight; top += log.clientHeight / 2) {
      log.scrollTop = top
      await drawn()
      for (const line of log.querySelectorAll('[data-index]')) all.set(Number(line.dataset.index), line.textContent)
    }
    return [...all].sort(([a], [b]) => a - b).map(([, text]) => text)
  })
  const counted = lines.flatMap((line) => line.match(/tick (\d+) /)?.slice(1).map(Number) ?? [])
  const wrong = counted.findIndex((tick, i) => i > 0 && tick !== counted[i - 1] + 1)
  if (wrong >= 0) throw new Error(`the log goes from tick ${counted[wrong - 1]} to ${counted[wrong]}; it was cut after ${before}`)
  if (!(counted[0] <= before && before < counted.at(-1))) throw new Error(`the log of ${counted[0]} to ${counted.at(-1)} does not span the cut after ${before}`)
  await window.click(css('button[aria-pressed=true]:has(.lucide-play)'))
}

const row = (name) => `[role=row][aria-label="${name}"]`
const pages = {
  pipeline: { path: '/pipeline', stands: flows, after: async (window) => {
    await window.see(css('[aria-label^="Backfill, Completed"]'))
    await window.see(flows)
  } },
  'pipeline-deployment': { path: `/pipeline?deployment=${ids.Gauge}`, stands: text('of the scale'), ...counting },
  deployments: { path: '/deployments', stands: css(row('Backfill')), after: (window) => completed(window, row('Backfill')) },
  topics: { path: '/topics?sort=-in', stands: css(row('line-1-raw')), after: (window) =>
    window.until((selector) => /[1-9].* B\/s/.test(document.querySelector(selector)?.textContent ?? ''), row('line-1-raw')) },
  topic: { path: '/topics?topic=line-1-raw', stands: css('[role=option]'), ...messages },
  logs: { path: `/deployments/${ids.Gauge}`, stands: text('of the scale'), ...counting },
  build: { path: `/deployments/${ids.Gauge}?tab=build`, stands: text('ready: environment'), after: (window) => window.see(text('ready: environment')) },
  messages: { path: `/deployments/${ids['Features of line 1']}?tab=messages`, stands: css('[role=option]'), ...messages },
  metrics: { path: `/deployments/${ids.Gauge}?tab=metrics`, stands: css('.uplot'), after: (window) => window.see(css('.uplot')) },
  history: { path: `/deployments/${ids.Backfill}?tab=history`, stands: role('tab', 'History'), after: (window) => completed(window, 'main header') },
  editing: { path: `/deployments/${ids.Gauge}`, stands: role('button', 'Edit'), before: async (window) => {
    await window.click(role('button', 'Edit'))
    await window.fill(role('textbox', 'greeting'), 'typed before the cut')
  }, after: (window) => window.until(() => [...document.querySelectorAll('[role=dialog] input')].some(({ value }) => value === 'typed before the cut')) },
}

await play(async () => {
  const browser = await start()
  const person = await browser.person()
  const wanted = process.env.SCREENS?.split(',') ?? Object.keys(pages)
  const open = []
  const each = (work) => Promise.all(open.map(async ({ name, page, window, memory }, i) => {
    try {
      open[i].memory = (await work(window, page, memory)) ?? memory
    } catch (error) {
      throw new Error(`${name}: ${error.message}`)
    }
  }))
  const first = await person.window()
  await first.goto(signIn)
  await first.until(() => location.pathname.endsWith('/pipeline'))
  for (const name of wanted) open.push({ name, page: pages[name], window: open.length ? await person.window() : first })

  await each(async (window, { path, stands, before }) => {
    await window.goto(`${origin}/app${path}`)
    await window.see(stands)
    await window.run(() => void (globalThis.marked = true))
    return before?.(window)
  })
  for (const { window } of open) window.complaints.away = true
  pass('all pages open')
  await each((window) => window.see(CUT))
  pass('all pages cut off')
  await each(async (window) => {
    await window.gone(CUT)
    await window.see(css('header [role=status]'))
    await window.until(() => [...document.querySelectorAll('header [role=status]')].some(({ textContent }) => textContent === 'Live'))
  })
  for (const { window } of open) window.complaints.away = false
  await each((window, { after }, memory) => after(window, memory).then(() => undefined))
  await each(async (window) => {
    if (!(await window.run(() => globalThis.marked === true))) throw new Error('the page was loaded anew')
  })
  const wrong = open.flatMap(({ name, window }) => window.complaints.take().map((complaint) => `${name}: ${complaint}`))
  await browser.close()
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
  tell(`${open.length} pages outlived the platform`)
})
