import { act, cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { remove, setStatus } from '../mock/world'
import { router } from '../src/routes/router'
import { row, usePlatform, visit } from './page'

const PLANT = 'acme-demo-plant'
const platform = usePlatform()

const idOf = (name: string, ws = PLANT) => [...platform.world.deployments.values()].find((each) => each.name === name && each.workspaceId === ws)?.deploymentId ?? ''
const page = (name: string, rest = '') => visit(`/app/deployments/${idOf(name)}?workspace=${PLANT}${rest}`)
const search = () => router.state.location.search as Record<string, unknown>
const lineage = async () => within(await screen.findByRole('group', { name: 'Lineage' }))
describe('the page of a deployment', () => {
  it('shows facts, what stands before and after it, and its log', async () => {
    await page('Features line 2')
    expect(await screen.findByRole('heading', { level: 1, name: /Features line 2/ })).toBeTruthy()
    act(() => platform.live.tick(PLANT))
    const facts = within(screen.getByRole('region', { name: 'Facts' }))
    expect(facts.getByRole('button', { name: /line-2-vibration/ })).toBeTruthy()
    expect(facts.getByRole('img', { name: 'Bytes per second of line-2-features' })).toBeTruthy()
    await lineage()
    const near = [...document.querySelectorAll('[data-node]')].map((node) => node.getAttribute('aria-label')?.split(',')[0])
    expect(near.sort()).toEqual(['Anomaly model', 'Features line 2', 'Gateway line 2'])
    expect(screen.getByRole('tab', { name: 'Logs' }).getAttribute('aria-selected')).toBe('true')
    expect(await screen.findByText(/Nothing was written yet/)).toBeTruthy()
  })

  it('keeps tab and topic in its address, and shows the messages of its topics', async () => {
    await page('Features line 2', '&tab=messages')
    const topic = await screen.findByRole<HTMLSelectElement>('combobox', { name: 'Topic' })
    expect(topic.value).toBe('line-2-features')
    fireEvent.change(topic, { target: { value: 'line-2-vibration' } })
    await waitFor(() => expect(search()).toMatchObject({ tab: 'messages', topic: 'line-2-vibration' }))
    await waitFor(() => expect(platform.live.wires.at(-1)?.sent.findLast((frame) => frame.kind === 'messages')).toMatchObject({ topic: 'line-2-vibration' }))
    fireEvent.click(screen.getByRole('tab', { name: 'Build' }))
    await waitFor(() => expect(search().tab).toBe('build'))
    expect(await screen.findByText('The build has not written anything yet.')).toBeTruthy()
  })

  it('leads along the lineage, and back to the list', async () => {
    await page('Features line 2')
    fireEvent.click(await (await lineage()).findByRole('button', { name: /^Gateway line 2,/ }))
    expect(await screen.findByRole('heading', { level: 1, name: /Gateway line 2/ })).toBeTruthy()
    fireEvent.click(screen.getByRole('link', { name: 'All deployments' }))
    fireEvent.click(await row(idOf('Operator board')))
    expect(await screen.findByRole('heading', { level: 1, name: /Operator board/ })).toBeTruthy()
  })

  it('acts at once, follows changes, and says when it is gone', async () => {
    await page('Operator board')
    fireEvent.click(await screen.findByRole('button', { name: 'Stop' }))
    expect(await screen.findByRole('button', { name: 'Start' }, { timeout: 5_000 })).toBeTruthy()
    act(() => void setStatus(platform.world, idOf('Operator board'), 'BuildFailed', { statusReason: 'requirements.txt line 3' }))
    await waitFor(() => expect(within(screen.getByRole('region', { name: 'Facts' })).getByText('requirements.txt line 3')).toBeTruthy())
    act(() => remove(platform.world, idOf('Operator board')))
    expect(await screen.findByText('There is no such deployment')).toBeTruthy()
  })

  it('says what holds its replicas, how full its state is, and when it is well', async () => {
    await page('Anomaly model')
    const facts = within(await screen.findByRole('region', { name: 'Facts' }))
    expect(await facts.findByText('2.1 GB of 5.0 GB')).toBeTruthy()
    expect(facts.getByText('it has read an input topic within 120 s')).toBeTruthy()
    expect(facts.getAllByText('1.5 cores of 1.5 cores · 2.0 GB of 2.0 GB · held by cgroup')).toHaveLength(3)
    act(() => platform.live.tick(PLANT))
    expect(facts.getByText('Behind')).toBeTruthy()
  })

  it('says in words that memory ran out, and when a job runs next', async () => {
    await page('Gateway line 4')
    const facts = within(await screen.findByRole('region', { name: 'Facts' }))
    expect(await facts.findByText(/^Its last run took more memory than its 500 MB and was ended\./)).toBeTruthy()
    cleanup()
    await page('Shift report')
    expect(await screen.findByText(/^At 06:00, 14:00 and 22:00, UTC/)).toBeTruthy()
    expect(screen.getByText('next run in 90 min')).toBeTruthy()
    expect(screen.getByText('up to 3')).toBeTruthy()
  })

  it('opens from the panel of the pipeline, and offers nothing that one may not do', async () => {
    const id = idOf('Order source', 'acme-demo-readonly')
    await visit(`/app/pipeline?workspace=acme-demo-readonly&deployment=${id}`)
    fireEvent.click(await screen.findByRole('link', { name: 'Open the page of Order source' }))
    expect(await screen.findByText('You can look; an administrator can grant more.')).toBeTruthy()
    expect(screen.queryByRole('button', { name: 'Edit' })).toBeNull()
    expect(router.state.location.pathname).toContain(`/deployments/${id}`)
  })
})
