import type { Deployment, Version, VersionChange, VersionDifference } from '../src/api/types'

const ADA = { userId: 'u1', dateTime: '2026-01-31T12:00:00Z', firstName: 'Ada', lastName: 'Lovelace', email: 'ada@acme.test' }
const GRACE = { userId: 'u2', dateTime: '2026-01-31T12:00:00Z', firstName: 'Grace', lastName: 'Hopper', email: 'grace@acme.test' }

const COMMITS = [
  ['b71fd02c9a4e58d3361f0a8c7e2d95b4f6013a7c', 'Read the window from a variable\n\nTen seconds was too short for line 4.'],
  ['9f3c1e7a0b52d4486c1f0e9d8b7a6c5d4e3f2a1b', 'Keep the last reading of each machine'],
  ['02c5a91e7d3b4f6608a1c2d3e4f5061728394a5b', 'First version'],
] as const

const settingsOf = ({ deploymentType, gitReferenceType, useLatest, replicas, cpuMillicores, memoryInMb, variables, publicAccess, stateEnabled, healthCheck, jobRetries }: Deployment) => ({
  deploymentType, gitReferenceType, useLatest, replicas, cpuMillicores, memoryInMb, variables, publicAccess, stateEnabled, healthCheck, jobRetries,
})

/** The newest version there is; after a roll back the one that runs is older. */
const newestOf = ({ version, rollback }: Deployment) => Math.max(version, rollback?.from ?? 0)

type Wish = Record<string, string | null>

/** What was wanted in each version, the newest first. */
function wishes(deployment: Deployment): Wish[] {
  const { memoryInMb, replicas, gitReference } = deployment
  const newest: Wish = { commit: gitReference, memoryInMb: String(memoryInMb), replicas: String(replicas), 'variables.interval_seconds': '1', 'variables.threshold': '0.8' }
  const older: Wish[] = [
    { ...newest, memoryInMb: '300', 'variables.threshold': '0.5' },
    { ...newest, memoryInMb: '300', 'variables.threshold': null, commit: COMMITS[1][0] },
    { ...newest, memoryInMb: '300', 'variables.threshold': null, 'variables.interval_seconds': '5', replicas: '1', commit: COMMITS[2][0] },
  ]
  return [newest, ...older].slice(0, newestOf(deployment))
}

function between(after: Wish, before: Wish | undefined): VersionChange[] {
  if (!before) return []
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return fields
    .map((field) => ({ field, before: before[field] ?? null, after: after[field] ?? null }))
    .filter(({ before: was, after: is }) => was !== is)
}

/** The versions of a deployment; made up, and the same at each call. */
export function versionsOf(deployment: Deployment): Version[] {
  const all = wishes(deployment)
  return all.map((wish, i): Version => {
    const version = newestOf(deployment) - i
    const commit = COMMITS.find(([reference]) => reference === wish.commit)
    const back = deployment.rollback
    return {
      ...settingsOf(deployment),
      version,
      current: version === deployment.version,
      serving: version === deployment.version && deployment.runningReplicas > 0,
      outcome: back?.from === version ? 'RolledBack' : deployment.status === 'BuildFailed' && i === 0 ? 'BuildFailed' : i === 0 && deployment.updateStatus !== 'None' ? 'Pending' : 'Healthy',
      outcomeReason: back?.from === version ? back.reason : null,
      rolledBackTo: null,
      gitReference: wish.commit ?? '',
      gitTag: i === 2 ? 'v1.3.2' : null,
      commitMessage: commit?.[1].split('\n')[0] ?? 'Route alerts by shift',
      createdAt: new Date(Date.parse(deployment.updatedAt) - i * 30 * 3_600_000).toISOString(),
      createdBy: i === 1 ? GRACE : ADA,
      changes: between(wish, all[i + 1]),
    }
  })
}

/** What differs between any two versions. */
export function differenceOf(deployment: Deployment, version: number, against: number): VersionDifference | undefined {
  const all = wishes(deployment)
  const [after, before] = [all[newestOf(deployment) - version], all[newestOf(deployment) - against]]
  if (!after || !before) return undefined
  const code = after.commit !== before.commit
  return {
    changes: between(after, before),
    files: code ? [{ path: 'main.py', change: 'Modified' }, { path: 'window.py', change: version > against ? 'Added' : 'Removed' }, { path: 'requirements.txt', change: 'Modified' }] : [],
  }
}
