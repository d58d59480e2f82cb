import { act, cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { setStatus } from '../mock/world'
import { router } from '../src/routes/router'
import { usePlatform, visit } from './page'

const PROD = 'acme-demo-prod'
const platform = usePlatform()

const idOf = (name: string) => [...platform.world.deployments.values()].find((each) => each.name === name && each.workspaceId === PROD)?.deploymentId ?? ''
const bell = (name: RegExp | string) => screen.findByRole('button', { name })

describe('notifications', () => {
  it('count what is new, toast what needs somebody, and lead there', async () => {
    await visit(`/app/pipeline?workspace=${PROD}`)
    await bell('Notifications')
    await screen.findByRole('button', { name: /^Machine averages,/ })
    act(() => void setStatus(platform.world, idOf('Machine averages'), 'BuildFailed', { statusReason: 'requirements.txt line 3' }))
    expect(await bell('Notifications, 1 new')).toBeTruthy()
    const toast = within(await screen.findByRole('alert'))
    expect(toast.getByText('The build of Machine averages failed')).toBeTruthy()
    fireEvent.click(toast.getByRole('button', { name: 'Look into it' }))
    await waitFor(() => expect(router.state.location).toMatchObject({ pathname: expect.stringContaining(idOf('Machine averages')), search: { tab: 'build' } }))
    act(() => void setStatus(platform.world, idOf('Live dashboard'), 'Completed'))
    fireEvent.click(await bell('Notifications, 2 new'))
    const list = within(await screen.findByRole('dialog', { name: 'Notifications' }))
    expect(list.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
      expect.stringContaining('Live dashboard is completed'),
      expect.stringContaining('requirements.txt line 3'),
    ])
    // What is only worth knowing has no toast.
    expect(screen.queryAllByRole('alert')).toEqual([])
    fireEvent.click(list.getByRole('button', { name: /Live dashboard is completed/ }))
    expect(await bell('Notifications')).toBeTruthy()
    expect(await screen.findByRole('heading', { level: 1, name: /Live dashboard/ })).toBeTruthy()
  })

  it('say what they are for while there are none', async () => {
    await visit(`/app/topics?workspace=${PROD}`)
    fireEvent.click(await bell('Notifications'))
    expect(await screen.findByText(/^Nothing to tell\./)).toBeTruthy()
  })
})

describe('keys', () => {
  it('are told by ?, wherever one is', async () => {
    await visit(`/app/topics?workspace=${PROD}`)
    await screen.findByRole('searchbox', { name: 'Filter topics' })
    fireEvent.keyDown(window, { key: '?' })
    const sheet = within(await screen.findByRole('dialog', { name: 'Keyboard shortcuts' }))
    expect(sheet.getByText('Go to deployments')).toBeTruthy()
    fireEvent.keyDown(document.activeElement ?? document.body, { key: 'Escape' })
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  })

  it('reach the views of the deployment that is looked at through the palette', async () => {
    await visit(`/app/deployments/${idOf('Live dashboard')}?workspace=${PROD}`)
    await screen.findByRole('heading', { level: 1, name: /Live dashboard/ })
    fireEvent.keyDown(window, { key: 'k', ctrlKey: true })
    fireEvent.click(await screen.findByRole('option', { name: 'Metrics' }))
    await waitFor(() => expect(router.state.location.search).toMatchObject({ tab: 'metrics' }))
  })
})

describe('a cut connection', () => {
  it('is told on every screen, and goes by itself', async () => {
    for (const path of ['pipeline', 'deployments', 'topics', `deployments/${idOf('Live dashboard')}`]) {
      await visit(`/app/${path}?workspace=${PROD}`)
      await waitFor(() => expect(platform.live.wires.at(-1)?.channels.size).toBeGreaterThan(0))
      act(() => platform.live.wires.at(-1)?.cut())
      expect(await screen.findByText(/^The connection to the platform is cut/)).toBeTruthy()
      await waitFor(() => expect(screen.queryByText(/^The connection to the platform is cut/)).toBeNull())
      cleanup()
    }
  })
})
