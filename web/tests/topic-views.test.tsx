import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { setStatus } from '../mock/world'
import { router } from '../src/routes/router'
import { usePlatform, visit } from './page'

const PLANT = 'acme-demo-plant'
const platform = usePlatform()

const idOf = (name: string) => [...platform.world.deployments.values()].find((each) => each.name === name && each.workspaceId === PLANT)?.deploymentId ?? ''
const topic = (name: string, rest = '') => visit(`/app/topics/${name}?workspace=${PLANT}${rest}`)
const search = () => router.state.location.search as Record<string, unknown>

describe('the page of a topic', () => {
  it('says what it holds, and leads to its views', async () => {
    await topic('line-2-vibration')
    const facts = within(await screen.findByRole('region', { name: 'Facts' }))
    expect(facts.getByText(/ records$/).textContent).toMatch(/^[\d,]+ records/)
    fireEvent.click(screen.getByRole('tab', { name: 'Metrics' }))
    expect((await screen.findByRole('figure', { name: 'Bytes' })).textContent).toMatch(/in[\d.]+ [kM]?B\/s.*out[\d.]+ [kM]?B\/s/)
    expect(screen.getByRole('figure', { name: 'Records' })).toBeTruthy()
    fireEvent.click(screen.getByRole('radio', { name: '7 d' }))
    await waitFor(() => expect(search()).toMatchObject({ view: 'metrics', range: '7d' }))
  })

  it('opens from the panel of the list, which keeps its view in the address', async () => {
    await visit(`/app/topics?workspace=${PLANT}&topic=line-2-vibration`)
    fireEvent.click(await screen.findByRole('tab', { name: 'Consumers' }))
    await waitFor(() => expect(search()).toMatchObject({ topic: 'line-2-vibration', view: 'consumers' }))
    fireEvent.click(screen.getByRole('link', { name: 'Open the page of line-2-vibration' }))
    expect(await screen.findByRole('heading', { level: 1, name: /line-2-vibration/ })).toBeTruthy()
  })

  it('says when there is none', async () => {
    await topic('nowhere')
    expect(await screen.findByText('There is no such topic')).toBeTruthy()
  })
})

describe('consumers', () => {
  it('are listed with how far behind they are, partition by partition', async () => {
    await topic('line-2-vibration', '&view=consumers')
    const group = (await screen.findByRole('button', { name: 'features-line-2' })).closest('li') as HTMLElement
    expect(group.textContent).toContain('1 member')
    expect(group.textContent).toContain('78 records behind')
    const rows = within(within(group).getByRole('table', { name: 'Partitions' })).getAllByRole('row')
    expect([...(rows[3]?.children ?? [])].map((cell) => cell.textContent)).toEqual(['2', '48,379', '48,405', '26', 'Features line 2, replica 0'])
    fireEvent.click(screen.getByRole('button', { name: 'Actions of features-line-2' }))
    expect((await screen.findByRole('menuitem', { name: 'Move…' })).getAttribute('aria-disabled')).toBe('true')
    expect(screen.getByText('While it has members it cannot be moved.')).toBeTruthy()
    fireEvent.keyDown(document.activeElement ?? document.body, { key: 'Escape' })
    fireEvent.click(within(group).getByRole('button', { name: 'Features line 2' }))
    expect(await screen.findByRole('heading', { level: 1, name: /Features line 2/ })).toBeTruthy()
  })

  it('are moved and deleted when nobody reads', async () => {
    act(() => void setStatus(platform.world, idOf('Features line 2'), 'Stopped'))
    await topic('line-2-vibration', '&view=consumers')
    const act_ = async (item: string) => {
      fireEvent.click(await screen.findByRole('button', { name: 'Actions of features-line-2' }))
      fireEvent.click(await screen.findByRole('menuitem', { name: item }))
    }
    await act_('Move…')
    const move = within(await screen.findByRole('dialog', { name: 'Move features-line-2' }))
    fireEvent.click(move.getByRole('radio', { name: 'The newest' }))
    expect(move.getByText('What was not read yet is passed over.')).toBeTruthy()
    fireEvent.click(move.getByRole('button', { name: 'Move the group' }))
    expect(await screen.findByText('up to date')).toBeTruthy()
    expect(platform.sent.at(-1)).toEqual({ what: `POST /${PLANT}/groups/${PLANT}-features-line-2/offsets`, body: { topic: 'line-2-vibration', to: 'latest' } })
    await act_('Delete…')
    fireEvent.click(within(await screen.findByRole('dialog', { name: 'Delete features-line-2' })).getByRole('button', { name: 'Delete the group' }))
    expect(await screen.findByText(/^No consumer group has read this topic/)).toBeTruthy()
  })
})

describe('messages', () => {
  const choosePlace = async (item: string) => {
    fireEvent.click(await screen.findByRole('button', { name: /^Read: / }))
    fireEvent.click(await screen.findByRole('menuitemcheckbox', { name: item }))
  }

  it('are read from the oldest, further on demand, and filtered', async () => {
    await topic('machines')
    await choosePlace('From the oldest')
    expect(await screen.findByText('200 read, more follow')).toBeTruthy()
    expect(screen.getAllByRole('option')[0]?.textContent).toContain('0:0')
    expect(screen.getAllByRole('option').length).toBeLessThan(60)
    fireEvent.click(screen.getByRole('button', { name: 'Load more' }))
    expect(await screen.findByText('399 read, more follow')).toBeTruthy()
    fireEvent.change(screen.getByRole('searchbox', { name: 'Filter messages' }), { target: { value: 'NODE-3' } })
    expect(await screen.findByText(/^80 of/)).toBeTruthy()
  })

  it('are read from an offset up to the newest', async () => {
    await topic('machines')
    await choosePlace('From an offset')
    fireEvent.change(await screen.findByRole('spinbutton', { name: 'Offset' }), { target: { value: '1390' } })
    expect(await screen.findByText('10 read, up to the newest')).toBeTruthy()
    expect(search().at).toBe('0:1390')
    expect(screen.getAllByRole('option')[0]?.textContent).toContain('0:1390')
  })

  it('of a busy topic are counted, and drawn as far as they fit', async () => {
    await topic('machines')
    await screen.findByText(/No messages yet/)
    const records = (from: number) => Array.from({ length: 50 }, (_, i) => ({ partition: 0, offset: from + i, time: '2026-01-31T12:00:00Z', key: null, value: { json: { n: from + i } }, headers: [], size: 12 }))
    for (let frame = 0; frame < 20; frame += 1) act(() => platform.live.say('messages', { op: 'event', cursor: String(frame), data: { records: records(frame * 10_000), skipped: 9_950 } }))
    expect(await screen.findByText(/^500 newest of 200,000 · 199,000 passed over/)).toBeTruthy()
    expect(screen.getAllByRole('option').length).toBeLessThan(60)
    fireEvent.click(screen.getByRole('button', { name: 'Pause' }))
    act(() => platform.live.say('messages', { op: 'event', cursor: 'x', data: { records: records(900_000), skipped: 9_950 } }))
    expect(await screen.findByRole('button', { name: 'Resume (10,000 new)' })).toBeTruthy()
  })
})
