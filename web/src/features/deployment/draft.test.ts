import { expect, it } from 'vitest'
import type { Application } from '@/api/types'
import { changeOf, differences, type Draft, MASK, newDraft, replaces, slug, wantedOf } from './draft'
import { clashesOf, merged } from './merge'
import { refusals, refusedPrefix, refusedVariable } from './draft-rules'

const application = {
  name: 'Alert router',
  variables: [
    { name: 'input', inputType: 'InputTopic', defaultValue: 'cars', required: true },
    { name: 'token', inputType: 'HiddenText', required: true },
  ],
} as Application
const draft = newDraft(application)
const nobody = { names: new Set<string>(), prefixes: new Set<string>() }
const withToken = (value: string): Draft => ({ ...draft, variables: { ...draft.variables, token: { inputType: 'HiddenText', required: true, value } } })

it('begins with what app.yaml says', () => {
  expect(draft.variables.input).toMatchObject({ inputType: 'InputTopic', value: 'cars' })
  expect(wantedOf(draft, 'ws', 'app')).toMatchObject({ workspaceId: 'ws', applicationId: 'app', useLatest: true, publicAccess: false, stateEnabled: false, autoStart: true })
  expect(wantedOf(draft, 'ws', 'app')).not.toHaveProperty('urlPrefix')
  expect([slug('Machine  telemetry (v2)'), slug('Δ'), slug('A name that is longer than it may be')]).toEqual(['machine-telemetry-v2', '', 'a-name-that-is-longer'])
})

it('sends only what differs', () => {
  const before = withToken(MASK)
  expect(changeOf(before, before)).toEqual({})
  expect(changeOf(before, { ...before, replicas: 3, memoryInMb: 700 })).toEqual({ replicas: 3, memoryInMb: 700 })
  expect(changeOf(before, { ...before, refresh: true })).toEqual({ useLatest: true })
  expect(changeOf(before, { ...before, reference: 'Tag', gitReference: 'v1' })).toEqual({ useLatest: false, gitReferenceType: 'Tag', gitReference: 'v1' })
  expect(changeOf(before, { ...before, publicAccess: true })).toEqual({ publicAccess: true, urlPrefix: 'alert-router' })
  expect(changeOf(before, { ...before, urlPrefix: 'unused', stateSize: 9 })).toEqual({})
  const typed = changeOf(before, { ...before, variables: { ...before.variables, input: { inputType: 'InputTopic', value: 'bikes' } } })
  expect(typed.variables).toEqual({ input: { inputType: 'InputTopic', value: 'bikes' }, token: before.variables.token })
})

it('keeps what others have changed meanwhile, and asks where both changed the same', () => {
  const before = withToken(MASK)
  const theirs: Draft = { ...before, memoryInMb: 900, schedule: '', variables: { ...before.variables, added: { inputType: 'FreeText', value: '1' }, input: { inputType: 'InputTopic', value: 'bikes' } } }
  const { input: _, ...rest } = before.variables
  const yours: Draft = { ...before, memoryInMb: 700, replicas: 2, variables: rest }
  expect(clashesOf(before, yours, theirs)).toEqual([
    { id: 'Memory', name: 'Memory', yours: '700 MB', theirs: '900 MB' },
    { id: 'variables.input', name: 'input', yours: 'removed', theirs: 'bikes' },
  ])
  const kept = merged(before, yours, theirs, new Set())
  expect(changeOf(theirs, kept)).toEqual({ replicas: 2, memoryInMb: 700, variables: { token: before.variables.token, added: theirs.variables.added } })
  expect(changeOf(theirs, merged(before, yours, theirs, new Set(['Memory', 'variables.input'])))).toEqual({ replicas: 2 })
  // Both wanted the same: nothing is left to ask or to send.
  expect(clashesOf(before, { ...before, memoryInMb: 900 }, theirs)).toEqual([])
})

it('sends health checks, retries and schedules as they are wanted', () => {
  const job: Draft = { ...draft, deploymentType: 'Job', jobRetries: 3, schedule: ' 0 6 * * * ' }
  expect(wantedOf(job, 'ws', 'app')).toMatchObject({ jobRetries: 3, schedule: '0 6 * * *' })
  expect(wantedOf(draft, 'ws', 'app')).not.toHaveProperty('healthCheck')
  expect(wantedOf(draft, 'ws', 'app')).not.toHaveProperty('jobRetries')
  const http: Draft = { ...draft, healthType: 'Http', healthPath: '/healthz', healthTimeout: 30 }
  expect(changeOf(draft, http)).toEqual({ healthCheck: { type: 'Http', path: '/healthz', timeoutSeconds: 30 } })
  expect(changeOf(job, { ...job, schedule: '' })).toEqual({ schedule: null })
  expect(differences(draft, http)).toMatchObject([{ name: 'Health check', from: 'what suits it', to: 'HTTP /healthz answers within 30\u00a0s' }])
  expect(replaces(job, { ...job, jobRetries: 1 })).toBe(false)
})

it('says what a change does without showing what is hidden', () => {
  const found = differences(withToken(MASK), { ...withToken('s3cret'), publicAccess: true, cpuMillicores: 1500 })
  expect(found.map(({ name, from, to }) => [name, from, to])).toEqual([
    ['CPU', '200 m', '1.5 cores'],
    ['Public access', 'off', 'alert-router'],
    ['token', MASK, 'a new hidden value'],
  ])
  expect([replaces(draft, { ...draft, name: 'x', replicas: 2 }), replaces(draft, { ...draft, memoryInMb: 900 })]).toEqual([false, true])
})

it('refuses as the platform does', () => {
  expect(refusals(draft, nobody)).toEqual({ 'variables.token': "'token' is required and has no value" })
  const wrong = refusals({ ...withToken('x'), name: ' a', replicas: 0, cpuMillicores: Number.NaN, reference: 'Tag', publicAccess: true, urlPrefix: 'App' }, nobody)
  expect(Object.keys(wrong).sort()).toEqual(['cpuMillicores', 'gitReference', 'name', 'replicas', 'urlPrefix'])
  expect(wrong.replicas).toBe('must be between 1 and 100')
  expect(refusals({ ...withToken('x'), publicAccess: true, deploymentType: 'Job' }, nobody).urlPrefix).toMatch(/a job has no public address/)
  expect(refusals(withToken('x'), { ...nobody, names: new Set(['Alert router']) }).name).toMatch(/is taken/)
  expect([refusedPrefix('a_b', new Set()), refusedPrefix('-a', new Set()), refusedPrefix('live', new Set()), refusedPrefix('board', new Set())]).toEqual([
    "'_' is not allowed; use lower-case letters, digits and '-'",
    "must not start or end with '-'",
    "'live' is reserved",
    undefined,
  ])
  expect([refusedVariable('A_1'), refusedVariable('PORT'), refusedVariable('1a')]).toEqual([undefined, "'PORT' is set by the platform", expect.stringContaining('is not a variable name')])
})
