import type { Topic } from '../src/api/types'
import { addApplication, addDeployment, addTopic, addWorkspace, emptyWorld, ORIGIN, type World } from './world.ts'

function demo(world: World): void {
  const ws = addWorkspace(world, 'prod')
  addTopic(world, ws, 'machine-telemetry', { bytes: 1_240, records: 4 })
  addTopic(world, ws, 'machine-averages', { bytes: 380, records: 1 })
  addDeployment(world, ws, { name: 'Machine telemetry', out: ['machine-telemetry'], rest: { memoryInMb: 300 } })
  addDeployment(world, ws, { name: 'Machine averages', in: ['machine-telemetry'], out: ['machine-averages'], rest: { latestOutOfSync: true } })
  addDeployment(world, ws, {
    name: 'Live dashboard',
    in: ['machine-averages'],
    rest: { memoryInMb: 300, publicAccess: true, publicUrl: `${ORIGIN}/dashboard-acme-demo-prod/` },
  })
}

function failures(world: World): void {
  const ws = addWorkspace(world, 'staging')
  addTopic(world, ws, 'orders', { bytes: 18_400, records: 60 })
  addTopic(world, ws, 'orders-clean', { bytes: 9_200, records: 58 })
  addTopic(world, ws, 'orders-by-country')
  addTopic(world, ws, 'clicks', { bytes: 2_480_000, records: 9_000 })
  addTopic(world, ws, 'changelog__orders--state')
  addDeployment(world, ws, { name: 'Order source', out: ['orders'], rest: { restartCount: 12, replicas: 3, runningReplicas: 2 } })
  addDeployment(world, ws, { name: 'Clean orders', in: ['orders'], out: ['orders-clean'] })
  addDeployment(world, ws, {
    name: 'Enrich orders by country and currency of the customer',
    in: ['orders-clean'],
    out: ['orders-by-country'],
    status: 'RuntimeError',
    rest: { restartCount: 7, statusReason: "exit code 1: ModuleNotFoundError: No module named 'pandas'" },
  })
  addDeployment(world, ws, {
    name: 'Fraud model',
    in: ['orders-clean'],
    status: 'BuildFailed',
    rest: { statusReason: 'requirements.txt line 3: no version of scikit-learn matches ==99' },
  })
  addDeployment(world, ws, { name: 'Warehouse sink', in: ['orders-clean'], status: 'Stopped', rest: { applicationIsMissing: true } })
  addDeployment(world, ws, { name: 'Nightly report', status: 'Completed', rest: { deploymentType: 'Job', gitTag: 'v1.4.0', gitReferenceType: 'Tag', useLatest: false } })
  addDeployment(world, ws, { name: 'Backfill', out: ['orders'], status: 'Building', rest: { deploymentType: 'Job' } })
}

function many(world: World): void {
  const ws = addWorkspace(world, 'scale')
  const regions = ['europe', 'america', 'asia', 'africa']
  addTopic(world, ws, 'all-readings', { bytes: 86_000, records: 300 })
  addTopic(world, ws, 'alerts', { bytes: 120, records: 1 })
  for (const region of regions) {
    addTopic(world, ws, `${region}-raw`, { bytes: 31_000, records: 120 })
    addTopic(world, ws, `${region}-clean`, { bytes: 22_000, records: 118 })
    addDeployment(world, ws, { name: `Gateway ${region}`, out: [`${region}-raw`] })
    addDeployment(world, ws, { name: `Clean ${region}`, in: [`${region}-raw`], out: [`${region}-clean`], rest: { latestOutOfSync: region === 'asia' } })
    addDeployment(world, ws, { name: `Monitor ${region}`, in: [`${region}-clean`], rest: { publicAccess: true, publicUrl: `${ORIGIN}/${region}/` } })
  }
  addDeployment(world, ws, { name: 'Merge regions', in: regions.map((region) => `${region}-clean`), out: ['all-readings'], rest: { replicas: 4, runningReplicas: 4 } })
  addDeployment(world, ws, { name: 'Detect anomalies', in: ['all-readings'], out: ['alerts'] })
  addDeployment(world, ws, { name: 'Notify on-call', in: ['alerts'] })
  addDeployment(world, ws, { name: 'Lake writer', in: ['all-readings'] })
  for (const name of ['Console', 'Metrics export', 'Admin']) addDeployment(world, ws, { name })
  addDeployment(world, ws, { name: 'Replay', out: ['europe-raw'], status: 'Stopped' })
}

const CONFIGURATION = { partitions: 1, replicationFactor: 1, retentionInMinutes: 10_080, retentionInBytes: 268_435_456, cleanupPolicy: 'Delete' } as const

const BACK = { from: 4, to: 3, reason: 'not healthy within 60 s: the process ended with exit code 1', at: new Date(Date.now() - 260_000).toISOString() }

/** A plant: sixty topics, twenty deployments. */
function plant(world: World): void {
  const ws = addWorkspace(world, 'plant')
  const of = (part: Partial<Topic['configuration']>): Partial<Topic> => ({ configuration: { ...CONFIGURATION, ...part } })
  for (let line = 1; line <= 9; line += 1) {
    const size = 4_000 * 3 ** (line % 5)
    addTopic(world, ws, `line-${line}-vibration`, { bytes: size, records: size / 80 }, of({ partitions: 4, retentionInMinutes: 4_320 }))
    addTopic(world, ws, `line-${line}-temperature`, { bytes: 340 * line, records: 4 * line })
    addTopic(world, ws, `line-${line}-events`, line % 4 ? undefined : { bytes: 90, records: 0.4 }, of({ retentionInMinutes: -1, retentionInBytes: 1_073_741_824 }))
    addTopic(world, ws, `line-${line}-features`, { bytes: size / 3, records: size / 300 }, of({ partitions: 2 }))
    addTopic(world, ws, `line-${line}-anomalies`, { bytes: 12 * line, records: 0.1 * line }, of({ retentionInMinutes: 43_200 }))
    addDeployment(world, ws, { name: `Gateway line ${line}`, out: [`line-${line}-vibration`, `line-${line}-temperature`], status: line === 4 ? 'RuntimeError' : 'Running', rest: { restartCount: line === 4 ? 31 : 0, statusReason: line === 4 ? 'ended by signal 9: out of memory (512 MB)' : null } })
    addDeployment(world, ws, { name: `Features line ${line}`, in: [`line-${line}-vibration`], out: [`line-${line}-features`], rest: { replicas: line % 3 ? 1 : 2, runningReplicas: line % 3 ? 1 : 2, latestOutOfSync: line === 2, version: line === 3 ? 3 : 2, ...(line === 3 && { rollback: BACK }) } })
  }
  addDeployment(world, ws, { name: 'Anomaly model', in: Array.from({ length: 9 }, (_, i) => `line-${i + 1}-features`), out: Array.from({ length: 9 }, (_, i) => `line-${i + 1}-anomalies`), rest: { replicas: 3, runningReplicas: 3, cpuMillicores: 1500, memoryInMb: 2048, stateEnabled: true, stateSize: 5, version: 4, restartCount: 2, healthCheck: { type: 'Consumed', path: null, timeoutSeconds: 120 } } })
  addDeployment(world, ws, { name: 'Operator board', in: ['line-1-anomalies', 'line-2-anomalies'], rest: { publicAccess: true, publicUrl: `${ORIGIN}/board-acme-demo-plant/`, urlPrefix: 'board', version: 3, healthCheck: { type: 'Http', path: '/healthz', timeoutSeconds: 30 } } })
  addDeployment(world, ws, { name: 'Shift report', in: ['line-1-anomalies'], status: 'Completed', rest: { deploymentType: 'Job', jobRetries: 3, schedule: '0 6,14,22 * * *', nextRunAt: new Date(Date.now() + 5_400_000).toISOString() } })
  applications(world, ws)
  addTopic(world, ws, 'machines', { bytes: 4, records: 0.1 }, of({ cleanupPolicy: 'Compact', retentionInMinutes: -1, retentionInBytes: -1 }))
  addTopic(world, ws, 'shift-calendar', undefined, of({ cleanupPolicy: 'DeleteAndCompact', retentionInMinutes: 525_600 }))
  addTopic(world, ws, 'erp.orders.v2', { bytes: 2_200, records: 3 }, { unmanaged: true })
  addTopic(world, ws, 'quality-images', undefined, { status: 'Error', lastError: 'The broker refused: no space left on the device.' })
  addTopic(world, ws, 'maintenance-windows', undefined, { status: 'Creating' })
  for (const name of ['anomaly-model--window', 'anomaly-model--model', 'features--state']) addTopic(world, ws, `changelog__${name}`, { bytes: 700, records: 2 }, of({ cleanupPolicy: 'Compact' }))
}

/** Applications that can be deployed: one that takes every kind of variable, one that takes nothing, one that is broken. */
function applications(world: World, ws: string): void {
  addApplication(world, ws, 'Alert router', {
    variables: [
      { name: 'input', inputType: 'InputTopic', description: 'Anomalies as the model writes them.', defaultValue: 'line-1-anomalies', required: true },
      { name: 'output', inputType: 'OutputTopic', description: 'Alerts to people.', defaultValue: 'alerts', required: true },
      { name: 'severity', inputType: 'Options', description: 'The least that is routed.', defaultValue: 'warning', required: false, options: [{ label: 'Everything', value: 'info' }, { label: 'Warnings', value: 'warning' }, { label: 'Errors only', value: 'error' }] },
      { name: 'webhook_token', inputType: 'HiddenText', description: 'Sent with each call.', required: true },
      { name: 'template', inputType: 'FreeText', defaultValue: '{machine}: {text}', required: false, multiline: true },
      { name: 'consumer_group', inputType: 'FreeText', defaultValue: 'alert-router', required: false },
    ],
  })
  addApplication(world, ws, 'Health check', { language: 'node' })
  addApplication(world, ws, 'Half done', { status: 'Error', errorMessage: 'app.yaml: line 4: expected a mapping' })
}

/** An environment that may be looked at only. */
function readonly(world: World): void {
  const ws = addWorkspace(world, 'readonly')
  addTopic(world, ws, 'orders', { bytes: 18_400, records: 60 })
  addDeployment(world, ws, { name: 'Order source', out: ['orders'] })
}

/** Three hundred deployments, for lists that have to stay quick. */
function fleet(world: World): void {
  const ws = addWorkspace(world, 'fleet')
  addTopic(world, ws, 'positions', { bytes: 16_000_000, records: 100_000 })
  const statuses = ['Running', 'Running', 'Running', 'Running', 'Running', 'Running', 'Running', 'Stopped', 'RuntimeError', 'Completed'] as const
  for (let i = 1; i <= 300; i += 1) {
    const status = statuses[i % statuses.length]
    addDeployment(world, ws, { name: `Vehicle ${String(i).padStart(3, '0')}`, out: ['positions'], status, rest: status === 'RuntimeError' ? { restartCount: i, statusReason: 'exit code 1: ConnectionError: the modem does not answer' } : {} })
  }
}

/**
 * Environments, each in a state of its own: a demo that runs, one with failures, a large one, an empty one, one whose
 * answers fail, one with many topics, one to look at only, and one with
 * many deployments.
 */
export function scenes(): World {
  const world = emptyWorld()
  demo(world)
  failures(world)
  many(world)
  addWorkspace(world, 'empty')
  addWorkspace(world, 'broken')
  plant(world)
  readonly(world)
  fleet(world)
  return world
}
