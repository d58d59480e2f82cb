// Much at once: a list of three hundred, a topic that takes a hundred thousand records a second, a network that is cut.
// node many.mjs SIGN_IN_URL WORLD.json
import { readFileSync } from 'node:fs'
import { start } from './chromium.mjs'
import { css, role, text } from './finding.mjs'
import { meet, pass, play, tell } from './meeting.mjs'

const [signIn, world] = process.argv.slice(2)
const { deployments: ids, workspace } = JSON.parse(readFileSync(world, 'utf8'))
const origin = new URL(signIn).origin
/** More rows than a screen of 900 pixels has, and those above and below it that are kept ready. */
const DRAWN = 60

const count = (window, selector) => window.run((selector) => document.querySelectorAll(selector).length, selector)
const row = (name) => css(`[role=row][aria-label="${name}"]`)

async function bounded(window, selector, most) {
  const rows = await count(window, selector)
  if (rows === 0 || rows > most) throw new Error(`${rows} of ${selector} are drawn, not up to ${most}`)
  return rows
}

/** Three hundred deployments: few rows are drawn, all are reached. */
async function list(window) {
  await window.goto(`${origin}/app/deployments`)
  await window.see(row('Archive'))
  await window.until(() => Number(document.querySelector('[role=grid]').getAttribute('aria-rowcount')) > 300)
  const rows = [await bounded(window, '[role=row]', DRAWN)]
  await window.run(() => document.querySelector('[role=row][tabindex="0"]').focus())
  await window.press('End')
  await window.see(row('Spare 299'))
  rows.push(await bounded(window, '[role=row]', DRAWN))
  await window.press('Home')
  await window.see(row('Archive'))
  await window.press('/')
  await window.fill(css('[data-filter]'), 'spare 150')
  await window.until(() => document.querySelectorAll('[role=row][aria-label]').length === 1)
  await window.click(row('Spare 150'))
  await window.until(() => document.querySelector('h1')?.textContent.includes('Spare 150'))

  // The graph has them all, and answers.
  await window.goto(`${origin}/app/pipeline`)
  await window.see(css('[aria-label^="Spare 299"]'))
  await window.run(() => document.querySelector('[aria-label^="Gauge, "]').click())
  await window.see(text('of the scale'))
  await window.press('Control+k')
  await window.fill(css('[cmdk-input]'), 'spare 77')
  await window.see(css('[cmdk-item][aria-selected=true]'))
  await window.press('Escape')
  return rows
}

/** A flood: the page keeps up by passing records over, draws few of them, and answers clicks. */
async function flood(window) {
  await window.goto(`${origin}/app/topics?topic=flood`)
  await window.see(text('No messages yet'))
  pass('the flood may come')
  await window.see(text('passed over'))
  const frames = window.run(() => new Promise((done) => {
    const gaps = []
    let last = performance.now()
    const step = (now) => {
      gaps.push(now - last)
      last = now
      if (gaps.length < 120) requestAnimationFrame(step)
      else done(gaps.sort((a, b) => a - b).map(Math.round))
    }
    requestAnimationFrame(step)
  }))
  const rows = await bounded(window, '[role=option]', DRAWN)
  const gaps = await frames
  // Everything that one would do then.
  await window.click(role('button', 'Pause'))
  const held = await window.run(() => document.querySelector('[role=option]').textContent)
  await window.until(() => /Resume \([\d, ]+/.test(document.body.innerText))
  if ((await window.run(() => document.querySelector('[role=option]').textContent)) !== held) throw new Error('messages move while they are paused')
  const third = window.page.getByRole('option').nth(2)
  await third.click()
  if ((await third.getAttribute('aria-selected')) !== 'true') throw new Error('a click on a message does not choose it')
  await window.run(() => [...document.querySelectorAll('button')].find(({ textContent }) => textContent.startsWith('Resume')).click())
  await window.until((held) => document.querySelector('[role=option]').textContent !== held, held)
  await bounded(window, '[role=option]', DRAWN)
  await window.click(role('link', 'Deployments'))
  await window.see(row('Archive'))
  pass('the flood is over')
  return { rows, median: gaps[60], longest: gaps.at(-1) }
}

/** The network is away for a while: the page says so, and goes on by itself. */
async function cut(window, context) {
  await window.goto(`${origin}/app/pipeline?deployment=${ids.Gauge}`)
  await window.see(text('of the scale'))
  await window.run(() => void (globalThis.marked = true))
  window.complaints.away = true
  await context.setOffline(true)
  await window.see(text('The connection to the platform is cut'))
  await meet('the network is cut')
  await context.setOffline(false)
  await window.gone(text('The connection to the platform is cut'))
  window.complaints.away = false
  await window.see(css('[aria-label^="Rested, Running"]'))
  const last = await window.run(() => document.querySelector('[role=log]').textContent)
  await window.until((last) => document.querySelector('[role=log]').textContent !== last, last)
  if (!(await window.run(() => globalThis.marked === true))) throw new Error('the page was loaded anew')
}

await play(async () => {
  const browser = await start()
  const person = await browser.person()
  const window = await person.window()
  await window.goto(signIn)
  await window.until(() => location.pathname.endsWith('/pipeline'))
  const parts = process.env.PARTS?.split(',') ?? ['list', 'flood', 'cut']
  if (parts.includes('list')) tell(`rows drawn of more than 300: ${await list(window)}`)
  if (parts.includes('flood')) tell(`a page of the flood: ${JSON.stringify(await flood(window))} (milliseconds between frames)`)
  if (parts.includes('cut')) await cut(window, person.context)
  const wrong = window.complaints.take()
  await browser.close()
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
})
