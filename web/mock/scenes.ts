import { addDeployment, addTopic, addWorkspace, emptyWorld, ORIGIN, type World } from './world.ts'

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

/** Environments, each in a state of its own: a demo that runs, one with failures, a large one, an empty one, and one whose answers fail. */
export function scenes(): World {
  const world = emptyWorld()
  demo(world)
  failures(world)
  many(world)
  addWorkspace(world, 'empty')
  addWorkspace(world, 'broken')
  return world
}
