// Takes pictures of every state of the first screen over the pretended platform (`npm run preview:mock` must run).
// Console errors and what axe finds are printed, and fail the run.
// node scripts/screenshots.mjs [out-folder] [base-url]
import { mkdtempSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const [out = '/tmp/headwater-pictures', base = 'http://127.0.0.1:4173'] = process.argv.slice(2)
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']

/** A deployment's page, by the name that it has in the pretended platform. */
const of = (name, rest) => ({ name, rest })
const scenes = {
  pipeline: '/app/pipeline?workspace=acme-demo-prod',
  failures: '/app/pipeline?workspace=acme-demo-staging',
  many: '/app/pipeline?workspace=acme-demo-scale',
  empty: '/app/pipeline?workspace=acme-demo-empty',
  broken: '/app/pipeline?workspace=acme-demo-broken',
  deployment: '/app/pipeline?workspace=acme-demo-prod&deployment=00000000-0000-4000-8000-000000000003&tab=logs',
  topic: '/app/pipeline?workspace=acme-demo-prod&topic=machine-telemetry',
  deployments: '/app/deployments?workspace=acme-demo-plant',
  'deployment-page': '/app/deployments/00000000-0000-4000-8000-000000000003?workspace=acme-demo-prod',
  'deployment-messages': '/app/deployments/00000000-0000-4000-8000-000000000003?workspace=acme-demo-prod&tab=messages',
  metrics: of('Anomaly model', '&tab=metrics'),
  history: of('Features line 3', '&tab=history'),
  'build-tab': of('Features line 1', '&tab=build'),
  'build-failed': of('Fraud model', '&tab=build'),
  'build-running': of('Backfill', '&tab=build'),
  'logs-search': of('Anomaly model', '&mode=search&find=node&context=2'),
  'logs-split': of('Anomaly model', '&split=true'),
  'deployments-fleet': '/app/deployments?workspace=acme-demo-fleet',
  'deployments-failed': '/app/deployments?workspace=acme-demo-staging',
  'deployments-empty': '/app/deployments?workspace=acme-demo-empty',
  'deployments-broken': '/app/deployments?workspace=acme-demo-broken',
  'topic-consumers': '/app/topics/line-2-vibration?workspace=acme-demo-plant&view=consumers',
  'topic-metrics': '/app/topics/line-2-vibration?workspace=acme-demo-plant&view=metrics&range=1h',
  topics: '/app/topics?workspace=acme-demo-plant',
  'topics-open': '/app/topics?workspace=acme-demo-plant&topic=line-2-vibration&sort=-in',
  'topics-empty': '/app/topics?workspace=acme-demo-empty',
  'topics-broken': '/app/topics?workspace=acme-demo-broken',
  'topics-readonly': '/app/topics?workspace=acme-demo-readonly',
  'sign-in': '/app/sign-in',
  'sign-in-used': '/app/sign-in#used',
}
const wanted = process.env.SCENES?.split(',') ?? Object.keys(scenes)
const sizes = process.env.SIZES === 'wide' ? [[1440, 900]] : [[1440, 900], [1024, 768]]
const themes = process.env.THEMES?.split(',') ?? ['dark', 'light']

mkdirSync(out, { recursive: true })
const context = await chromium.launchPersistentContext(mkdtempSync(join(tmpdir(), 'headwater-')), {
  executablePath: '/usr/bin/chromium', headless: true, args: flags,
})
let complaints = 0
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds that keeps somebody out: names, roles, focus, contrast. */
async function barriers(page) {
  await page.evaluate(axe)
  const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa'] }))
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ target, any }) => `${id}: ${target.join(' ')} ${any[0]?.message ?? ''}`))
}

/** Ids of deployments are given anew at each start; names stay. */
const pages = new Map()
for (const ws of ['prod', 'staging', 'scale', 'plant']) {
  const answer = await fetch(`${base}/workspaces/acme-demo-${ws}/deployments`)
  for (const { name, deploymentId } of await answer.json()) pages.set(name, `/app/deployments/${deploymentId}?workspace=acme-demo-${ws}`)
}
const addressOf = (scene) => (typeof scene === 'string' ? scene : pages.get(scene.name) + scene.rest)
for (const name of wanted) {
  for (const theme of themes) {
    for (const [width, height] of sizes) {
      const page = await context.newPage()
      page.on('console', (message) => {
        // The browser itself reports refused requests; those scenes are about refusals.
        if (!['error', 'warning'].includes(message.type()) || /Failed to load resource/.test(message.text())) return
        complaints += 1
        console.log(`${name}: ${message.text()}`)
      })
      page.on('pageerror', (error) => { complaints += 1; console.log(`${name}: ${error.stack}`) })
      await page.emulateMedia({ colorScheme: theme })
      await page.setViewportSize({ width, height })
      await page.goto(base + addressOf(scenes[name]))
      await page.waitForTimeout(Number(process.env.SETTLE ?? 3500))
      await page.screenshot({ path: join(out, `${name}-${theme}-${width}.png`) })
      for (const barrier of await barriers(page)) {
        complaints += 1
        console.log(`${name} ${theme} ${width}: ${barrier}`)
      }
      await page.close()
    }
  }
}
await context.close()
if (complaints > 0) process.exitCode = 1
