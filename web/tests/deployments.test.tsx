import { act, fireEvent, screen, waitFor } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { setStatus } from '../mock/world'
import { queryClient, router } from '../src/routes/router'
import { cells, choose, row, rows, usePlatform, visit } from './page'

const STAGING = 'acme-demo-staging'
const DEPLOYMENTS = `/app/deployments?workspace=${STAGING}`
const platform = usePlatform()

const search = () => router.state.location.search as Record<string, unknown>
const idOf = (name: string, ws = STAGING) => [...platform.world.deployments.values()].find((each) => each.name === name && each.workspaceId === ws)?.deploymentId ?? ''
const names = () => rows().map((id) => platform.world.deployments.get(id)?.name)

describe('the list of deployments', () => {
  it('says of each how it does, what it uses, reads and writes', async () => {
    await visit(DEPLOYMENTS)
    await row(idOf('Clean orders'))
    act(() => platform.live.tick(STAGING))
    const [name, status, type, replicas, restarts, cpu, memory, version, reads, writes] = await cells(idOf('Clean orders'))
    expect([name, status, type, replicas, restarts, version, reads, writes]).toEqual(['Clean orders', 'Running', 'Service', '1/1', '0', '9f3c1e7', 'orders', 'orders-clean'])
    expect(cpu).toMatch(/^\d+ m$/)
    expect(memory).toMatch(/^\d+ MB$/)
    expect((await cells(idOf('Order source')))[4]).toBe('12')
    expect((await cells(idOf('Fraud model')))[1]).toBe('Build failedrequirements.txt line 3: no version of scikit-learn matches ==99')
    expect(screen.getByRole('img', { name: 'CPU of Clean orders' })).toBeTruthy()
    expect((await cells(idOf('Nightly report'))).slice(5, 8)).toEqual(['–', '–', 'v1.4.0'])
  })

  it('is narrowed by status, text and address', async () => {
    await visit(`${DEPLOYMENTS}&sort=-status`)
    await row(idOf('Backfill'))
    fireEvent.click(screen.getByRole('button', { name: '2 failed' }))
    await waitFor(() => expect(names()).toEqual(['Enrich orders by country and currency of the customer', 'Fraud model']))
    expect(search()).toMatchObject({ status: 'failed', sort: '-status' })
    fireEvent.change(screen.getByRole('searchbox', { name: 'Filter deployments' }), { target: { value: 'pandas' } })
    await waitFor(() => expect(names()).toHaveLength(1))
    fireEvent.change(screen.getByRole('searchbox', { name: 'Filter deployments' }), { target: { value: 'nothing' } })
    fireEvent.click(await screen.findByRole('button', { name: 'Show all' }))
    await waitFor(() => expect(names()).toHaveLength(7))
  })

  it('draws what fits of three hundred, ordered as the address says', async () => {
    await visit('/app/deployments?workspace=acme-demo-fleet&sort=-restarts')
    await row(idOf('Vehicle 298', 'acme-demo-fleet'))
    expect(rows().length).toBeLessThan(40)
    expect(names().slice(0, 2)).toEqual(['Vehicle 298', 'Vehicle 288'])
    const before = document.querySelectorAll('[data-row]').length
    for (let second = 0; second < 5; second += 1) act(() => platform.live.tick('acme-demo-fleet'))
    expect(document.querySelectorAll('[data-row]').length).toBe(before)
  })

  it('follows changes, and shows an action at once', async () => {
    await visit(DEPLOYMENTS)
    await row(idOf('Backfill'))
    act(() => void setStatus(platform.world, idOf('Backfill'), 'Running'))
    await waitFor(async () => expect((await cells(idOf('Backfill')))[1]).toBe('Running'))
    await choose(idOf('Backfill'), 'Stop')
    await waitFor(async () => expect((await cells(idOf('Backfill')))[1]).toBe('Stopping'))
    await waitFor(async () => expect((await cells(idOf('Backfill')))[1]).toBe('Stopped'), { timeout: 3_000 })
    await choose(idOf('Backfill'), 'Delete…')
    expect(await screen.findByRole('dialog', { name: 'Delete Backfill' })).toBeTruthy()
  })

  it('stands under g d, in the rail, and keeps its place when the environment changes', async () => {
    await visit('/app/pipeline?workspace=acme-demo-prod')
    await screen.findByRole('link', { name: 'Deployments' })
    fireEvent.keyDown(window, { key: 'g' })
    fireEvent.keyDown(window, { key: 'd' })
    await row(idOf('Live dashboard', 'acme-demo-prod'))
    fireEvent.click(screen.getByRole('button', { name: 'Environment prod, switch' }))
    fireEvent.click(await screen.findByRole('menuitemcheckbox', { name: 'staging' }))
    expect(await row(idOf('Backfill'))).toBeTruthy()
    expect(router.state.location.pathname).toMatch(/\/deployments$/)
  })

  it('teaches where nothing is deployed, explains what failed, offers nothing that one may not do', async () => {
    await visit('/app/deployments?workspace=acme-demo-empty')
    expect(await screen.findByText('Nothing is deployed here yet')).toBeTruthy()
    await act(() => router.navigate({ to: '/deployments', search: { workspace: 'acme-demo-broken' } }))
    expect(await screen.findByText('The deployments cannot be shown', {}, { timeout: 8_000 })).toBeTruthy()
    await act(() => router.navigate({ to: '/deployments', search: { workspace: 'acme-demo-readonly' } }))
    const id = idOf('Order source', 'acme-demo-readonly')
    await row(id)
    await waitFor(() => expect(queryClient.isFetching()).toBe(0))
    fireEvent.click(screen.getByRole('button', { name: 'Actions of Order source' }))
    expect((await screen.findByRole('menuitem', { name: 'Stop' })).getAttribute('aria-disabled')).toBe('true')
  })
})
