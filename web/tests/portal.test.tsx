import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { addDeployment, setStatus } from '../mock/world'
import { visited } from '../src/features/sign-in/place'
import { router } from '../src/routes/router'
import { usePlatform, visit } from './page'

const PROD = 'acme-demo-prod'
const platform = usePlatform()

const card = (name: string) => screen.findByRole('button', { name: new RegExp(`^${name},`) }, { timeout: 5_000 })
const label = async (name: string) => (await card(name)).getAttribute('aria-label')
const telemetry = () => [...platform.world.deployments.values()].find((each) => each.name === 'Machine telemetry')?.deploymentId ?? ''

describe('signing in', () => {
  it('exchanges the link, hides it and goes to the pipeline', async () => {
    platform.ways.signedIn = false
    await visit('/app/sign-in#good')
    expect(await card('Machine telemetry')).toBeTruthy()
    expect(window.location.hash).toBe('')
    expect(window.location.pathname).toBe('/app/pipeline')
  })

  it('says how to get a fresh link when this one is used', async () => {
    await visit('/app/sign-in#used')
    expect(await screen.findByText('This link is used up')).toBeTruthy()
    expect(screen.getByText('headwater sign-in')).toBeTruthy()
    expect(screen.getByText('request id')).toBeTruthy()
  })

  it('does not call a link used up that was refused for another reason', async () => {
    await visit('/app/sign-in#foreign')
    expect(await screen.findByText('Sign-in did not work')).toBeTruthy()
    expect(screen.getByText(/another origin/)).toBeTruthy()
  })

  it('greets who has never been here without talk of a session', async () => {
    platform.ways.signedIn = false
    await visit('/app/pipeline')
    expect(await screen.findByRole('heading', { name: 'Sign in' })).toBeTruthy()
  })

  it('asks to sign in when the session is over, and continues where one was', async () => {
    platform.ways.signedIn = false
    visited.set(true)
    await visit(`/app/pipeline?workspace=${PROD}&topic=machine-telemetry`)
    expect(await screen.findByText('Your session has ended')).toBeTruthy()
    await act(async () => {
      window.location.hash = 'good'
      window.dispatchEvent(new Event('hashchange'))
    })
    await card('Machine telemetry')
    expect(router.state.location.search).toEqual({ workspace: PROD, topic: 'machine-telemetry' })
  })
})

describe('the pipeline', () => {
  it('shows deployments with their stage and status, and turns arrows green when data flows', async () => {
    await visit(`/app/pipeline?workspace=${PROD}`)
    expect(await label('Machine telemetry')).toBe('Machine telemetry, Running, source')
    expect(await label('Live dashboard')).toBe('Live dashboard, Running, destination')
    const arrow = document.querySelector('[data-edge="machine-telemetry"]')
    expect(arrow?.getAttribute('data-flowing')).toBe('false')
    act(() => platform.live.tick(PROD))
    expect(arrow?.getAttribute('data-flowing')).toBe('true')
    expect(screen.getByRole('button', { name: /^Topic machine-telemetry 1\.\d kB\/s$/ })).toBeTruthy()
  })

  it('follows changes without being asked', async () => {
    await visit(`/app/pipeline?workspace=${PROD}`)
    await card('Machine telemetry')
    act(() => void setStatus(platform.world, telemetry(), 'RuntimeError', { restartCount: 3, statusReason: 'exit code 1' }))
    await waitFor(async () => expect(await label('Machine telemetry')).toMatch(/Runtime error/))
    addDeployment(platform.world, PROD, { name: 'Newcomer', in: ['machine-averages'] })
    act(() => void setStatus(platform.world, telemetry(), 'Running'))
    expect(await card('Newcomer')).toBeTruthy()
  })

  it('shows a stop at once, and what came of it', async () => {
    await visit(`/app/pipeline?workspace=${PROD}&deployment=${telemetry()}`)
    fireEvent.click(await screen.findByRole('button', { name: 'Stop' }, { timeout: 5_000 }))
    await waitFor(async () => expect(await label('Machine telemetry')).toMatch(/Stopping/))
    await waitFor(async () => expect(await label('Machine telemetry')).toMatch(/Stopped/), { timeout: 3_000 })
    expect(screen.getByRole('button', { name: 'Start' })).toBeTruthy()
  })

  it('takes a refused stop back and says why', async () => {
    const merge = [...platform.world.deployments.values()].find((each) => each.name === 'Merge regions')
    await visit(`/app/pipeline?workspace=acme-demo-scale&deployment=${merge?.deploymentId}`)
    fireEvent.click(await screen.findByRole('button', { name: 'Stop' }, { timeout: 5_000 }))
    const alert = await screen.findByRole('alert')
    expect(alert.textContent).toContain('Merge regions was not stopped.')
    expect(alert.textContent).toContain('The deployment is being updated.')
    expect(within(alert).getByText(/^01JGX/)).toBeTruthy()
    await waitFor(async () => expect(await label('Merge regions')).toMatch(/Running/))
  })

  it('teaches where nothing runs, and explains what failed', async () => {
    await visit('/app/pipeline?workspace=acme-demo-empty')
    expect(await screen.findByText('Nothing runs here yet')).toBeTruthy()
    expect(screen.getByText(/git clone .*\/git\/acme\/demo\.git$/)).toBeTruthy()
    await act(() => router.navigate({ to: '/pipeline', search: { workspace: 'acme-demo-nowhere' } }))
    expect(await screen.findByText('There is no such workspace')).toBeTruthy()
  })
})

describe('the panels', () => {
  it('tail the log of a deployment', async () => {
    await visit(`/app/pipeline?workspace=${PROD}&deployment=${telemetry()}&tab=logs`)
    expect(await screen.findByText(/Nothing was written yet/)).toBeTruthy()
    const entries = [1, 2].map((n) => ({ replica: 0, version: 1, attempt: 1, time: '2026-01-31T12:00:00Z', stream: 'out', text: `line ${n}` }))
    act(() => platform.live.say('logs', { op: 'event', cursor: '1', data: { entries } }))
    expect(await screen.findByText('3 lines')).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Pause' }))
    act(() => platform.live.say('logs', { op: 'event', cursor: '2', data: { entries } }))
    expect(await screen.findByRole('button', { name: 'Resume (2 new)' })).toBeTruthy()
  })

  it('take a log up again where it ended once the deployment runs anew', async () => {
    const id = telemetry()
    await visit(`/app/pipeline?workspace=${PROD}&deployment=${id}`)
    await screen.findByText(/Nothing was written yet/)
    const line = (text: string, attempt: number) => ({ entries: [{ replica: 0, version: 1, attempt, time: '2026-01-31T12:00:00Z', stream: 'out', text }] })
    act(() => platform.live.say('logs', { op: 'event', cursor: 'c-1', data: line('before', 1) }))
    act(() => platform.live.say('logs', { op: 'closed' }))
    act(() => void setStatus(platform.world, id, 'Running'))
    const opened = () => platform.live.wires.at(-1)?.sent.findLast((frame) => frame.kind === 'logs')
    await waitFor(() => expect(opened()).toMatchObject({ cursor: 'c-1' }))
    act(() => platform.live.say('logs', { op: 'event', cursor: 'c-2', data: line('after', 2) }))
    expect(await screen.findByText('4 lines')).toBeTruthy()
  })

  it('show the newest messages of a topic, and one in full', async () => {
    await visit(`/app/pipeline?workspace=${PROD}&topic=machine-telemetry`)
    const record = (offset: number, value: object | null) => ({ partition: 0, offset, time: '2026-01-31T12:00:00Z', key: { text: 'm1' }, value, headers: [], size: 12 })
    await screen.findByText(/No messages yet/)
    act(() => platform.live.say('messages', { op: 'event', cursor: '1', data: { records: [record(7, { json: { cpu: 41 } }), record(8, null)], skipped: 3 } }))
    const rows = await screen.findAllByRole('option')
    expect(rows.map((row) => row.textContent)).toEqual([expect.stringContaining('0:8'), expect.stringContaining('0:7')])
    expect(screen.getByText(/3 passed over/)).toBeTruthy()
    fireEvent.click(rows[1] as HTMLElement)
    expect(screen.getByText('41')).toBeTruthy()
    expect(screen.getByText('partition 0, offset 7')).toBeTruthy()
  })

  it('ask for the name before a deployment is deleted', async () => {
    await visit(`/app/pipeline?workspace=${PROD}`)
    await card('Live dashboard')
    fireEvent.click(screen.getByRole('button', { name: 'Actions of Live dashboard' }))
    fireEvent.click(await screen.findByRole('menuitem', { name: 'Delete…' }))
    const dialog = await screen.findByRole('dialog', { name: 'Delete Live dashboard' })
    const confirm = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Delete deployment' })
    expect(confirm.disabled).toBe(true)
    fireEvent.change(within(dialog).getByRole('textbox'), { target: { value: 'Live dashboard' } })
    fireEvent.click(confirm)
    await waitFor(() => expect(screen.queryByRole('button', { name: /^Live dashboard,/ })).toBeNull(), { timeout: 3_000 })
  })
})
