// Every screen of the Portal: where it is, what stands on it when it is complete, and what is done to open it.
import { css, role, text, there } from './finding.mjs'

const heading = (name) => role('heading', name)
const PALETTE = css('[cmdk-input]')

/** Opened over any page; what is fleeting closes when the window changes its size. */
const overlays = (path, stands) => [
  { name: 'palette', path, stands, open: (window) => window.press('Control+k'), then: [PALETTE] },
  { name: 'help', path, stands, open: (window) => window.press('?'), then: [heading('Keyboard shortcuts')] },
  { name: 'person', path, stands, fleeting: true, open: (window) => window.click(css('[aria-label^="Account of"]')), then: [text('Sign out')] },
]

/** What stands beside any workspace. */
const outside = [
  { name: 'not-found', path: '/nowhere', stands: [heading('There is no such page')] },
  { name: 'sign-in', path: '/sign-in', stands: [heading('Sign in')] },
  { name: 'sign-in-used', path: '/sign-in#used-up', stands: [heading('This link is used up')], expects: /answered 401/ },
]

export function empty() {
  const pipeline = [heading('Nothing runs here yet')]
  return [
    { name: 'pipeline', path: '/pipeline', stands: pipeline },
    { name: 'deployments', path: '/deployments', stands: [text('Nothing is deployed here yet')] },
    { name: 'topics', path: '/topics', stands: [text('No topics yet'), role('button', 'Create topic')] },
    { name: 'deployment-gone', path: '/deployments/00000000-0000-4000-8000-000000000000', stands: [text('There is no such deployment')] },
    { name: 'deploy', path: '/deployments', stands: [], open: (window) => window.click(role('button', 'Deploy')), then: [text('There is no application yet')] },
    { name: 'notifications', path: '/topics', stands: [], open: (window) => window.click(role('button', 'Notifications')), then: [text('Nothing to tell')] },
    ...overlays('/pipeline', pipeline),
    ...outside,
  ]
}

/** A deployment's page, with what must be on each tab. */
function deployment(id, label, tabs) {
  return Object.entries(tabs).map(([tab, stands]) => ({
    name: `${label}-${tab}`,
    path: `/deployments/${id}?tab=${tab}`,
    stands,
    // That nothing was ever built is an answer.
    expects: /answered 404: \S+\/build$/,
  }))
}

export function plant({ deployments: ids }) {
  const row = (name) => css(`[role=row][aria-label="${name}"]`)
  const pipeline = [css('[aria-label^="Scale, Running"]')]
  const version = css('[aria-label="Versions, newest first"] [role=option]')
  const log = (line) => [css('[role=log]'), text(line)]
  return [
    { name: 'pipeline', path: '/pipeline', stands: [...pipeline, there('[data-edge="line-1-raw"][data-flowing="true"]')] },
    { name: 'pipeline-deployment', path: `/pipeline?deployment=${ids.Scale}`, stands: [...pipeline, ...log('of the scale')] },
    { name: 'pipeline-topic', path: '/pipeline?topic=line-1-raw', stands: [...pipeline, css('[role=option]'), text('celsius')] },
    { name: 'topics', path: '/topics', stands: [row('hall-1.station-1'), row('hall-2.station-1')] },
    { name: 'topics-busy', path: '/topics?sort=-in', stands: [row('line-1-raw'), row('line-3-features')] },
    { name: 'topics-none', path: '/topics?q=nothing-is-called-so', stands: [text('No topic, and no deployment')] },
    { name: 'topic', path: '/topics?topic=line-1-raw', stands: [row('line-1-raw'), css('[role=option]'), text('celsius')] },
    { name: 'topic-mixed', path: '/topics?topic=mixed', stands: [row('mixed'), css('[role=option]')] },
    { name: 'topic-silent', path: '/topics?topic=hall-1.station-1', stands: [row('hall-1.station-1'), text('No messages yet')] },
    { name: 'topic-create', path: '/topics', stands: [row('hall-1.station-1')], open: (window) => window.click(role('button', 'Create topic')), then: [css('[role=dialog] form')] },
    { name: 'deployments', path: '/deployments', stands: [row('Archive'), row('Backfill')] },
    { name: 'deployments-failed', path: '/deployments?status=failed', stands: [row('Forecast'), row('Model')] },
    ...deployment(ids.Scale, 'scale', { logs: log('of the scale'), build: log('ready: environment'), messages: [text('reads and writes no topics')], metrics: [css('.uplot')], history: [version] }),
    ...deployment(ids['Features of line 1'], 'features', { logs: log('passed, the last was'), messages: [css('[role=option]')], metrics: [css('.uplot')] }),
    ...deployment(ids.Guarded, 'guarded', { logs: log('of the scale'), history: [version, css('[data-version="2"]')] }),
    ...deployment(ids.Forecast, 'forecast', { logs: [text('Nothing was written yet')], build: log('no-such-package-by-headwater') }),
    ...deployment(ids.Model, 'model', { logs: log('nosuchmodule') }),
    ...deployment(ids.Nightly, 'nightly', { logs: [text('Nothing was written yet')], metrics: [text('Nothing was measured')] }),
    ...deployment(ids['Never started'], 'never-started', { logs: [text('Nothing was written yet')], build: [text('The build has not written')], metrics: [text('Nothing was measured')], history: [version] }),
    { name: 'deploy', path: '/deployments', stands: [row('Archive')], open: (window) => window.click(role('button', 'Deploy')), then: [css('[role=dialog] form')] },
    { name: 'edit', path: `/deployments/${ids['Features of line 1']}`, stands: [role('tab', 'Logs')], open: (window) => window.click(role('button', 'Edit')), then: [css('[role=dialog] form')] },
    { name: 'edit-job', path: `/deployments/${ids.Nightly}`, stands: [role('tab', 'Logs')], open: (window) => window.click(role('button', 'Edit')), then: [css('[role=dialog] form')] },
    { name: 'delete', path: `/deployments/${ids.Gauge}`, stands: [role('tab', 'Logs')], open: async (window) => {
      await window.click(role('button', 'Actions of Gauge'))
      await window.click(role('menuitem', 'Delete…'))
    }, then: [css('[role=dialog], [role=alertdialog]')] },
    { name: 'notifications', path: '/deployments', stands: [row('Archive')], open: (window) => window.click(css('button[aria-label^="Notifications"]')), then: [heading('Notifications')] },
    ...overlays('/deployments', [row('Archive')]),
    ...outside,
  ]
}

/** What Firefox, too, must show; that its engine is another is seen on these. */
export const MAIN = ['pipeline', 'pipeline-topic', 'topics', 'topic', 'deployments', 'scale-logs', 'scale-build', 'features-messages', 'scale-metrics',
  'scale-history', 'deploy', 'edit', 'palette', 'help', 'notifications', 'not-found', 'sign-in']
