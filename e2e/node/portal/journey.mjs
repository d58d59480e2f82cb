// A person's first visit: sign in by the link, see data flow, read a log, look at messages, stop and start a
// deployment, meet the platform's restart. Any console error fails it.
// node journey.mjs SIGN_IN_URL PICTURES_FOLDER
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { chromium } from 'playwright-core'

const [signIn, pictures] = process.argv.slice(2)
const origin = new URL(signIn).origin
const patience = 60_000
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync']

mkdirSync(pictures, { recursive: true })
const profile = mkdtempSync(join(tmpdir(), 'journey-'))
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: flags,
  viewport: { width: 1440, height: 900 },
})
context.setDefaultTimeout(patience)
const page = context.pages()[0] ?? (await context.newPage())
const complaints = []
let restarting = false
page.on('console', (message) => {
  // The steps of a build are asked for, and not told yet; the log alone is shown then.
  const awaited = message.location().url.endsWith('/build')
  if (message.type() === 'error' && !restarting && !awaited) complaints.push(message.text())
})
page.on('pageerror', (error) => complaints.push(error.stack))

const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
/** Tells the test where the journey is and waits until it says to go on. */
async function meet(word) {
  console.log(word)
  await input.next()
}
const node = (name) => page.getByRole('button', { name: new RegExp(`^${name}, `) })
const flowing = (topic) => page.locator(`[data-edge="${topic}"][data-flowing="true"]`)

await page.goto(signIn)
await page.waitForURL('**/app/pipeline**')
if (page.url().includes('#')) throw new Error(`the secret is still in the address: ${page.url()}`)
await flowing('machine-telemetry').waitFor({ state: 'attached' })
await flowing('machine-averages').waitFor({ state: 'attached' })

for (const scheme of ['dark', 'light']) {
  await page.emulateMedia({ colorScheme: scheme })
  for (const [width, height] of [[1440, 900], [1024, 768]]) {
    await page.setViewportSize({ width, height })
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))
    await page.screenshot({ path: join(pictures, `pipeline-${scheme}-${width}.png`) })
  }
}
await page.setViewportSize({ width: 1440, height: 900 })

await node('Machine telemetry').click()
const log = page.getByRole('log')
await log.getByText('CONNECTED!').first().waitFor()
await page.screenshot({ path: join(pictures, 'log.png') })
await page.getByRole('tab', { name: 'Build' }).click()
await page.getByRole('log').getByText('ready: environment').first().waitFor()

await page.goto(`${origin}/app/pipeline`)
await flowing('machine-telemetry').waitFor({ state: 'attached' })
await page.getByRole('button', { name: /^Topic machine-telemetry/ }).first().click()
await page.getByRole('option').first().click()
await page.getByText('cpu_percent').first().waitFor()
await page.screenshot({ path: join(pictures, 'messages.png') })

await page.keyboard.press('Escape')
await page.goto(`${origin}/app/topics`)
await page.getByRole('row', { name: /machine-telemetry/ }).getByText(/[1-9].* B\/s/).first().waitFor()
await page.screenshot({ path: join(pictures, 'topics.png') })
await page.goto(`${origin}/app/deployments`)
await page.getByRole('row', { name: /Machine averages/ }).getByText('Running').waitFor()
await page.screenshot({ path: join(pictures, 'deployments.png') })
await page.getByRole('row', { name: /Machine averages/ }).getByText('Machine averages').first().click()
await page.waitForURL('**/app/deployments/*')
await page.getByRole('log').getByText('CONNECTED!').first().waitFor()
await page.getByRole('tab', { name: 'Messages' }).click()
await page.getByText('cpu_percent').first().waitFor()
await page.screenshot({ path: join(pictures, 'deployment.png') })

await page.goto(`${origin}/app/pipeline`)
await node('Machine averages').click()
await page.getByRole('button', { name: 'Stop', exact: true }).click()
await page.getByRole('button', { name: 'Start', exact: true }).waitFor()
await page.locator('[data-edge="machine-averages"][data-flowing="false"]').waitFor({ state: 'attached' })
await page.screenshot({ path: join(pictures, 'stopped.png') })
await page.getByRole('button', { name: 'Start', exact: true }).click()
await flowing('machine-averages').waitFor({ state: 'attached' })

restarting = true
await meet('ready for the restart')
await page.getByText('Live', { exact: true }).waitFor()
restarting = false
await flowing('machine-averages').waitFor({ state: 'attached' })
await page.screenshot({ path: join(pictures, 'restarted.png') })

await context.close()
rmSync(profile, { recursive: true, force: true })
if (complaints.length > 0) throw new Error(`the console has errors:\n${complaints.join('\n')}`)
console.log('done')
process.exit(0)
