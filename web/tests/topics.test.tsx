import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { setStatus } from '../mock/world'
import { router } from '../src/routes/router'
import { cells, choose, row, rows, usePlatform, visit } from './page'

const PLANT = 'acme-demo-plant'
const TOPICS = `/app/topics?workspace=${PLANT}`
const platform = usePlatform()

const search = () => router.state.location.search as Record<string, unknown>

const dialogOf = async (topic: string, action: string) => {
  await choose(topic, action)
  return within(await screen.findByRole('dialog'))
}

describe('the list of topics', () => {
  it('says of each what it is, who uses it, and what flows', async () => {
    await visit(TOPICS)
    await row('line-1-anomalies')
    expect((await cells('line-1-features'))[2]).toBe('–')
    act(() => platform.live.tick(PLANT))
    const [name, , into, , messages, records, size, last, partitions, kept, writers, readers] = await cells('line-1-features')
    expect([name, records, size, last, partitions, kept]).toEqual(['line-1-features', '3.5M', '165 MB', 'now', '2', '7 days · 256 MB'])
    expect((await cells('line-1-events')).slice(5, 10)).toEqual(['0', '0 B', 'never', '1', '1.0 GB'])
    expect([writers, readers]).toEqual(['Features line 1', 'Anomaly model'])
    expect(into).toMatch(/ kB\/s$/)
    expect(messages).toMatch(/\/s$/)
    expect(rows().length).toBeLessThan(40)
  })

  it('is narrowed, ordered and opened by its address', async () => {
    await visit(`${TOPICS}&q=line-2&sort=-partitions&topic=line-2-vibration`)
    await row('line-2-vibration')
    expect(rows()).toEqual(['line-2-vibration', 'line-2-features', 'line-2-anomalies', 'line-2-events', 'line-2-temperature'])
    expect(screen.getByText('5 of 50')).toBeTruthy()
    expect(await screen.findByRole('region', { name: 'Details' })).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Partitions' }))
    await waitFor(() => expect(search().sort).toBe('partitions'))
    fireEvent.change(screen.getByRole('searchbox', { name: 'Filter topics' }), { target: { value: 'nothing' } })
    fireEvent.click(await screen.findByRole('button', { name: 'Show all' }))
    await waitFor(() => expect(search().q).toBeUndefined())
  })

  it('is walked with j and k, opened with Enter, closed with Esc', async () => {
    await visit(TOPICS)
    await row('erp.orders.v2')
    fireEvent.keyDown(document.body, { key: 'j' })
    expect((document.activeElement as HTMLElement).dataset.row).toBe('erp.orders.v2')
    fireEvent.keyDown(document.activeElement as HTMLElement, { key: 'j' })
    fireEvent.keyDown(document.activeElement as HTMLElement, { key: 'j' })
    fireEvent.keyDown(document.activeElement as HTMLElement, { key: 'k' })
    fireEvent.keyDown(document.activeElement as HTMLElement, { key: 'Enter' })
    await waitFor(() => expect(search().topic).toBe('line-1-anomalies'))
    fireEvent.keyDown(window, { key: 'Escape' })
    await waitFor(() => expect(search().topic).toBeUndefined())
  })

  it('hides what client libraries keep for themselves, until asked', async () => {
    await visit(TOPICS)
    await row('erp.orders.v2')
    expect(rows()).not.toContain('changelog__features--state')
    fireEvent.click(screen.getByRole('button', { name: 'Show 3 internal' }))
    expect(await row('changelog__features--state')).toBeTruthy()
  })

  it('stands in the rail, under g t, and in the palette', async () => {
    await visit('/app/pipeline?workspace=acme-demo-prod')
    await screen.findByRole('link', { name: 'Topics' })
    fireEvent.keyDown(window, { key: 'g' })
    fireEvent.keyDown(window, { key: 't' })
    expect(await row('machine-averages')).toBeTruthy()
    expect(router.state.location.pathname).toMatch(/\/topics$/)
    fireEvent.keyDown(window, { key: 'k', ctrlKey: true })
    fireEvent.click(await screen.findByRole('option', { name: 'machine-telemetry' }))
    await waitFor(() => expect(search().topic).toBe('machine-telemetry'))
  })

  it('teaches where there is none, and explains what failed', async () => {
    await visit('/app/topics?workspace=acme-demo-empty')
    expect(await screen.findByText('No topics yet')).toBeTruthy()
    await act(() => router.navigate({ to: '/topics', search: { workspace: 'acme-demo-broken' } }))
    expect(await screen.findByText('The topics cannot be shown', {}, { timeout: 8_000 })).toBeTruthy()
    expect(screen.getByText('request id')).toBeTruthy()
  }, 12_000)

  it('offers nothing that one may not do', async () => {
    await visit('/app/topics?workspace=acme-demo-readonly')
    await row('orders')
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Create topic' })).toBeNull())
    fireEvent.click(screen.getByRole('button', { name: 'Actions of orders' }))
    expect((await screen.findByRole('menuitem', { name: 'Delete…' })).getAttribute('aria-disabled')).toBe('true')
  })
})

describe('changing topics', () => {
  it('creates one, naming what is wrong with a name in the platform’s words', async () => {
    await visit(TOPICS)
    await row('erp.orders.v2')
    fireEvent.click(screen.getByRole('button', { name: 'Create topic' }))
    const dialog = within(await screen.findByRole('dialog', { name: 'Create topic' }))
    const name = await dialog.findByRole('textbox', { name: 'Name' })
    fireEvent.change(name, { target: { value: 'a b' } })
    expect(dialog.getByText("' ' is not allowed in a topic name; use letters, digits, '.', '_' and '-'")).toBeTruthy()
    expect(name.getAttribute('aria-invalid')).toBe('true')
    fireEvent.change(name, { target: { value: 'taken-elsewhere' } })
    fireEvent.click(dialog.getByRole('button', { name: 'Create topic' }))
    expect(await dialog.findByText("Topic with name similar to 'taken-elsewhere' already exists.")).toBeTruthy()
    fireEvent.change(name, { target: { value: 'paint' } })
    fireEvent.change(dialog.getByRole('textbox', { name: 'Kept for' }), { target: { value: '2' } })
    fireEvent.change(dialog.getByRole('combobox', { name: 'Unit of Kept for' }), { target: { value: 'hours' } })
    fireEvent.change(dialog.getByRole('combobox', { name: 'Unit of Kept up to' }), { target: { value: 'none' } })
    fireEvent.click(dialog.getByRole('button', { name: 'Create topic' }))
    await waitFor(() => expect(search().topic).toBe('paint'))
    expect(platform.sent.at(-1)?.body).toMatchObject({ name: 'paint', configuration: { partitions: 1, retentionInMinutes: 120, retentionInBytes: -1, cleanupPolicy: 'Delete' } })
    expect(screen.queryByRole('dialog')).toBeNull()
  })

  it('sends only what an edit changes, and says before what it means', async () => {
    await visit(TOPICS)
    const dialog = await dialogOf('line-1-vibration', 'Edit…')
    const save = dialog.getByRole<HTMLButtonElement>('button', { name: 'Save changes' })
    expect(save.disabled).toBe(true)
    const partitions = dialog.getByRole('spinbutton', { name: 'Partitions' })
    fireEvent.change(partitions, { target: { value: '2' } })
    expect(dialog.getByText('can only grow; the topic has 4')).toBeTruthy()
    fireEvent.change(partitions, { target: { value: '4' } })
    fireEvent.change(dialog.getByRole('textbox', { name: 'Kept for' }), { target: { value: '1' } })
    const changes = dialog.getByRole('region', { name: 'Changes' })
    expect(changes.textContent).toContain('3 days')
    expect(changes.textContent).toContain('Records that are older leave soon after.')
    fireEvent.click(save)
    await waitFor(async () => expect((await cells('line-1-vibration'))[9]).toMatch(/^24 hours/))
    expect(platform.sent.at(-1)).toEqual({ what: `PATCH /${PLANT}/topics/line-1-vibration`, body: { retentionInMinutes: 1440, revision: 1 } })
  })

  it('names who loses what before one is deleted', async () => {
    await visit(TOPICS)
    const dialog = await dialogOf('line-1-anomalies', 'Delete…')
    expect(dialog.getByText('Anomaly model')).toBeTruthy()
    expect(dialog.getByText('Operator board')).toBeTruthy()
    fireEvent.click(dialog.getByRole('button', { name: 'Delete topic and records' }))
    await waitFor(() => expect(rows()).not.toContain('line-1-anomalies'), { timeout: 3_000 })
  })

  it('removes the records, and leaves the topic', async () => {
    await visit(TOPICS)
    const dialog = await dialogOf('line-1-anomalies', 'Remove records…')
    fireEvent.click(dialog.getByRole('button', { name: 'Remove records' }))
    expect(await screen.findByText('The records of line-1-anomalies were removed')).toBeTruthy()
    expect(rows()).toContain('line-1-anomalies')
  })

  it('tries a topic in error again', async () => {
    await visit(`${TOPICS}&q=quality`)
    expect((await cells('quality-images'))[0]).toBe('quality-imagesError')
    await choose('quality-images', 'Try again')
    await waitFor(async () => expect((await cells('quality-images'))[0]).toBe('quality-images'), { timeout: 3_000 })
  })

  it('shows the headers of a message', async () => {
    await visit(`${TOPICS}&topic=machines`)
    await screen.findByText(/No messages yet/)
    const record = { partition: 1, offset: 7, time: '2026-01-31T12:00:00Z', key: null, value: { json: 1 }, headers: [['trace', { text: 'a1' }], ['empty', null]], size: 12 }
    act(() => platform.live.say('messages', { op: 'event', cursor: '1', data: { records: [record], skipped: 0 } }))
    expect(await screen.findByText('Headers (2)')).toBeTruthy()
    expect(screen.getByText('a1')).toBeTruthy()
  })

  it('keeps the list while a deployment comes and goes', async () => {
    await visit(TOPICS)
    await row('line-4-vibration')
    const gateway = [...platform.world.deployments.values()].find((each) => each.name === 'Gateway line 4')
    act(() => void setStatus(platform.world, gateway?.deploymentId ?? '', 'Running'))
    expect((await cells('line-4-vibration'))[10]).toBe('Gateway line 4')
  })
})
