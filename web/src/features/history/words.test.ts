import { expect, it } from 'vitest'
import { commitText, differenceOf, outcomeOf, whoMade } from './words'

const change = (field: string, before: string | null, after: string | null) => {
  const { name, from, to } = differenceOf({ field, before, after })
  return [name, from, to]
}

it('says changes as people say them', () => {
  expect(change('memoryInMb', '512', '2048')).toEqual(['Memory', '512 MB', '2.0 GB'])
  expect(change('cpuMillicores', '200', '1500')).toEqual(['CPU', '200 m', '1.5 cores'])
  expect(change('commit', 'b71fd02c9a4e58d3361f0a8c7e2d95b4f6013a7c', '9f3c1e7a0b52d4486c1f0e9d8b7a6c5d4e3f2a1b')).toEqual(['Commit', 'b71fd02', '9f3c1e7'])
  expect(change('gitReference', 'latest', 'commit 9f3c1e7a0b52d4486c1f0e9d8b7a6c5d4e3f2a1b')).toEqual(['Version', 'latest', 'commit 9f3c1e7'])
  expect(change('variables.threshold', null, '0.5')).toEqual(['threshold', 'not there', '0.5'])
  expect(change('variables.threshold', '0.5', '')).toEqual(['threshold', '0.5', 'empty'])
  expect(change('publicAccess', 'false', 'true')).toEqual(['Public access', 'off', 'on'])
  expect(change('schedule', null, '0 6 * * *')).toEqual(['Schedule', 'none', '0 6 * * *'])
  // A field of a newer platform is shown as it is called.
  expect(change('colour', 'red', 'blue')).toEqual(['colour', 'red', 'blue'])
})

it('names outcomes, authors and commits', () => {
  expect(outcomeOf({ outcome: 'RolledBack' }).word).toBe('Rolled back')
  expect(outcomeOf({ outcome: 'Healthy' }).word).toBe('Healthy')
  expect(whoMade({ createdBy: null })).toBe('the platform')
  expect(whoMade({ createdBy: { email: 'ada@acme.test' } })).toBe('ada@acme.test')
  expect(commitText({ gitTag: null, gitReference: '02c5a91e7d', commitMessage: 'First\n\nmore' })).toBe('02c5a91 · First')
})
