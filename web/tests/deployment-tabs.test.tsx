import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { setStatus } from '../mock/world'
import { router } from '../src/routes/router'
import { usePlatform, visit } from './page'

const PLANT = 'acme-demo-plant'
const STAGING = 'acme-demo-staging'
const platform = usePlatform()

const idOf = (name: string, ws = PLANT) => [...platform.world.deployments.values()].find((each) => each.name === name && each.workspaceId === ws)?.deploymentId ?? ''
const page = (name: string, rest = '', ws = PLANT) => visit(`/app/deployments/${idOf(name, ws)}?workspace=${ws}${rest}`)
const search = () => router.state.location.search as Record<string, unknown>

describe('metrics', () => {
  it('draws what was used with its limits, how far behind it is, and what its topics carry', async () => {
    await page('Anomaly model', '&tab=metrics&range=5m')
    const cpu = await screen.findByRole('figure', { name: 'CPU' })
    expect(cpu.textContent).toMatch(/replica 0[\d.]+ (m|cores).*replica 2.*limit of each 1\.5 cores/)
    expect(screen.getByRole('figure', { name: 'Memory' }).textContent).toMatch(/limit of each 2\.0 GB/)
    expect(screen.getByRole('figure', { name: 'Lag' }).textContent).toMatch(/line-1-features[\d,]+ records?/)
    expect(screen.getByRole('figure', { name: 'Restarts' })).toBeTruthy()
    expect(screen.getByRole('figure', { name: 'Running replicas' }).textContent).toContain('wanted 3')
    expect(screen.getByRole('figure', { name: 'Arriving in what it reads, 8 of 9 topics' }).textContent).toMatch(/line-8-features.*B\/s/)
  })

  it('keeps the time in its address, and follows only what is live', async () => {
    await page('Operator board', '&tab=metrics')
    fireEvent.click(await screen.findByRole('radio', { name: '24 h' }))
    await waitFor(() => expect(search().range).toBe('24h'))
    fireEvent.click(screen.getByRole('button', { name: 'Local time' }))
    await waitFor(() => expect(search().utc).toBe(true))
    await act(() => router.navigate({ to: '.', search: (before: object) => ({ ...before, from: '2026-01-31T12:00:00Z', to: '2026-01-31T12:05:00Z' }) } as never))
    expect(await screen.findByText('31 Jan 12:00:00 UTC – 31 Jan 12:05:00 UTC')).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Back to live' }))
    await waitFor(() => expect(search()).toMatchObject({ range: '24h', utc: true }))
    expect(search().from).toBeUndefined()
  })
})

describe('history', () => {
  it('tells of a version that the platform took back, and leads to what it changed', async () => {
    await page('Features line 3')
    expect(await screen.findByText('Version 4 did not get healthy; version 3 serves again.')).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'See what version 4 changed' }))
    const changes = await screen.findByRole('region', { name: 'From version 3 to version 4' })
    expect(changes.textContent).toContain('Memory300 MB500 MB')
    expect(changes.textContent).toContain('threshold0.50.8')
    const [newest] = await screen.findAllByRole('option', { name: /^v4/ })
    expect(newest?.textContent).toMatch(/Rolled back.*Keep the last reading.*by Ada Lovelace/)
  })

  it('compares any two versions, the code included', async () => {
    await page('Features line 3', '&tab=history')
    fireEvent.change(await screen.findByRole('combobox', { name: /^compared with/ }), { target: { value: '1' } })
    await waitFor(() => expect(search()).toMatchObject({ version: '4', against: '1' }))
    expect((await screen.findByRole('region', { name: 'From version 1 to version 4' })).textContent).toContain('interval_seconds51')
    expect(screen.getByRole('region', { name: 'Files' }).textContent).toContain('window.pyadded')
  })

  it('rolls back after it has said what exactly changes', async () => {
    await page('Features line 3', '&tab=history&version=2')
    fireEvent.click(await screen.findByRole('button', { name: 'Roll back to this' }))
    const dialog = within(await screen.findByRole('dialog', { name: 'Roll Features line 3 back to version 2' }))
    expect((await dialog.findByRole('region', { name: 'What changes against version 3' })).textContent).toContain('threshold0.5not there')
    expect(dialog.getByText(/^Version 5 is made/)).toBeTruthy()
    fireEvent.click(dialog.getByRole('button', { name: 'Roll back to version 2' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(platform.sent.at(-1)).toEqual({ what: `POST /deployments/${idOf('Features line 3')}/rollback`, body: { version: 2 } })
    await waitFor(() => expect(platform.world.deployments.get(idOf('Features line 3'))?.version).toBe(5))
  })
})

describe('the build', () => {
  it('shows the failing line first, then the steps', async () => {
    await page('Fraud model', '&tab=build', STAGING)
    expect((await screen.findByRole('alert')).textContent).toContain('No matching distribution found for scikit-learn==99')
    const steps = within(screen.getByRole('list', { name: 'Steps' }))
    expect(steps.getAllByRole('listitem').map((step) => step.textContent)).toEqual(['Resolve0.8 s', 'Install2.2 s'])
    expect(screen.getByText('Failed after 3.0 s')).toBeTruthy()
    expect(screen.getByRole('link', { name: 'Download the build log' }).getAttribute('href')).toContain('source=build')
  })

  it('tells the place in the queue, and can be cancelled', async () => {
    act(() => void setStatus(platform.world, idOf('Backfill', STAGING), 'QueuedForBuild'))
    await page('Backfill', '&tab=build', STAGING)
    expect(await screen.findByText('Waits: place 2 in the queue')).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Cancel the build' }))
    expect(await screen.findByText('Was cancelled')).toBeTruthy()
    expect(screen.getAllByText('The build was cancelled by Ada Lovelace.').length).toBeGreaterThan(0)
    expect(screen.queryByRole('button', { name: 'Cancel the build' })).toBeNull()
  })
})

describe('logs', () => {
  const opened = () => platform.live.wires.flatMap((wire) => [...wire.channels.values()]).filter((open) => open.kind === 'logs')

  it('are of the version, replica and run that are chosen', async () => {
    await page('Anomaly model')
    await screen.findByRole('option', { name: 'Version 3' })
    fireEvent.change(screen.getByRole('combobox', { name: 'Version' }), { target: { value: '3' } })
    await waitFor(() => expect(opened()).toMatchObject([{ version: 3 }]))
    fireEvent.change(screen.getByRole('combobox', { name: 'Version' }), { target: { value: '' } })
    await screen.findByRole('option', { name: 'Replica 2' })
    fireEvent.change(screen.getByRole('combobox', { name: 'Replica' }), { target: { value: '2' } })
    fireEvent.change(await screen.findByRole('combobox', { name: 'Run' }), { target: { value: '1' } })
    await waitFor(() => expect(opened()).toMatchObject([{ replica: 2, attempt: 1 }]))
    expect(screen.getByRole('link', { name: 'Download these logs' }).getAttribute('href')).toContain('replica=2&attempt=1&source=run')
  })

  it('stand side by side, a column for each replica', async () => {
    await page('Anomaly model')
    fireEvent.click(await screen.findByRole('button', { name: 'Replicas side by side' }))
    await waitFor(() => expect(opened().map((open) => 'replica' in open && open.replica)).toEqual([0, 1, 2]))
    expect(search().split).toBe(true)
  })

  it('show lines of a level and louder, as the platform reads them', async () => {
    await page('Operator board')
    await screen.findByText(/Nothing was written yet/)
    const entry = (level: string, text: string) => ({ replica: 0, version: 1, attempt: 1, time: '2026-01-31T12:00:00Z', stream: 'out', level, text })
    act(() => platform.live.say('logs', { op: 'event', cursor: '1', data: { entries: [entry('info', 'ERROR is a word here'), entry('error', 'broken')] } }))
    fireEvent.change(await screen.findByRole('combobox', { name: 'Level' }), { target: { value: 'warning' } })
    expect(await screen.findByText('1 of 3 lines')).toBeTruthy()
  })

  it('are searched over all that is kept, with matches marked and more on demand', async () => {
    await page('Anomaly model', '&mode=search')
    expect(await screen.findByText(/Give a text, a level or a time/)).toBeTruthy()
    fireEvent.change(await screen.findByRole('searchbox', { name: 'Text' }), { target: { value: 'NODE-3' } })
    fireEvent.submit(screen.getByRole('search', { name: 'Search the logs' }))
    await waitFor(() => expect(search().find).toBe('NODE-3'))
    await waitFor(() => expect(document.querySelector('mark')?.textContent).toBe('node-3'))
    const found = () => Number(/^(\d+) lines/.exec(screen.getByText(/ lines · .* searched/).textContent ?? '')?.[1])
    const first = found()
    fireEvent.click(screen.getByRole('button', { name: 'Search further back' }))
    await waitFor(() => expect(found()).toBeGreaterThan(first))
  })

  it('say what is wrong with an expression', async () => {
    await page('Anomaly model', '&mode=search&find=(&regex=true')
    expect(await screen.findByText('The logs cannot be searched')).toBeTruthy()
    expect(screen.getByText('regex: the group at character 1 is not closed')).toBeTruthy()
    expect(screen.getByText('request id')).toBeTruthy()
  })
})
