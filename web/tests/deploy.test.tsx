import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { setStatus } from '../mock/world'
import { router } from '../src/routes/router'
import { cells, choose, row, rows, usePlatform, visit } from './page'

const PLANT = 'acme-demo-plant'
const DEPLOYMENTS = `/app/deployments?workspace=${PLANT}&q=line+2`
const platform = usePlatform()

const idOf = (name: string) => [...platform.world.deployments.values()].find((each) => each.name === name && each.workspaceId === PLANT)?.deploymentId ?? ''
const type = (element: HTMLElement, value: string) => fireEvent.change(element, { target: { value } })

async function deployDialog() {
  await visit(DEPLOYMENTS)
  await row(idOf('Features line 2'))
  fireEvent.click(screen.getByRole('button', { name: 'Deploy' }))
  const dialog = within(await screen.findByRole('dialog', { name: 'Deploy' }))
  await dialog.findByRole('combobox', { name: 'Application' })
  return dialog
}

async function editDialog(name: string) {
  await visit(DEPLOYMENTS)
  await choose(idOf(name), 'Edit…')
  const dialog = within(await screen.findByRole('dialog', { name: `Edit ${name}` }))
  await dialog.findByRole('textbox', { name: 'Name' })
  return dialog
}

describe('deploying', () => {
  it('offers inputs as the variables want them, and deploys', async () => {
    const dialog = await deployDialog()
    expect(dialog.getByRole<HTMLInputElement>('textbox', { name: 'Name' }).value).toBe('Alert router')
    expect(dialog.getByRole<HTMLOptionElement>('option', { name: 'Half done: app.yaml cannot be read' }).disabled).toBe(true)
    type(dialog.getByRole('combobox', { name: /^severity/ }), 'error')
    type(dialog.getByRole('combobox', { name: /^input/ }), 'line-2-anomalies')
    type(dialog.getByRole('textbox', { name: 'Name of the new topic for output' }), 'shift alerts')
    expect(dialog.getByText(/^' ' is not allowed in a topic name/)).toBeTruthy()
    type(dialog.getByRole('textbox', { name: 'Name of the new topic for output' }), 'shift-alerts')
    fireEvent.click(dialog.getByRole('button', { name: 'Deploy' }))
    expect(dialog.getByText("'webhook_token' is required and has no value")).toBeTruthy()
    const token = dialog.getByLabelText<HTMLInputElement>(/^webhook_token/)
    expect(token.type).toBe('password')
    type(token, 's3cret')
    fireEvent.click(dialog.getByRole('button', { name: 'Deploy' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(platform.sent.at(-1)).toMatchObject({
      what: 'POST /deployments',
      body: { workspaceId: PLANT, name: 'Alert router', useLatest: true, deploymentType: 'Service', variables: { severity: { value: 'error' }, output: { value: 'shift-alerts' }, webhook_token: { value: 's3cret' } } },
    })
    expect(platform.world.topics.has(`${PLANT}-shift-alerts`)).toBe(true)
  })

  it('previews the public URL, and says what the platform refuses where it belongs', async () => {
    const dialog = await deployDialog()
    type(dialog.getByRole('combobox', { name: 'Application' }), [...platform.world.applications.values()].find(({ name }) => name === 'Health check')?.applicationId ?? '')
    fireEvent.click(dialog.getByRole('switch', { name: 'Reachable by a public URL' }))
    const prefix = dialog.getByRole('textbox', { name: 'URL prefix' })
    expect(dialog.getByText(`http://127.0.0.1:8001/health-check-${PLANT}/`)).toBeTruthy()
    type(prefix, 'board')
    expect(dialog.getByText("The URL prefix 'board' is taken. Choose another.")).toBeTruthy()
    fireEvent.click(dialog.getByRole('button', { name: 'Take ‘board-2’' }))
    expect(dialog.getByText(`http://127.0.0.1:8001/board-2-${PLANT}/`)).toBeTruthy()
    type(prefix, 'taken')
    fireEvent.click(dialog.getByRole('button', { name: 'Deploy' }))
    expect(await dialog.findByText("The URL prefix 'taken' is taken.")).toBeTruthy()
    type(prefix, 'health')
    type(dialog.getByRole('spinbutton', { name: 'Memory' }), '200000')
    fireEvent.click(dialog.getByRole('button', { name: 'Deploy' }))
    expect((await dialog.findByRole('alert')).textContent).toContain('The machine has not that much memory.')
    expect(dialog.getByText('request id')).toBeTruthy()
  })

  it('deploys a tag or a commit', async () => {
    const dialog = await deployDialog()
    type(dialog.getByLabelText(/^webhook_token/), 'x')
    fireEvent.click(dialog.getByRole('radio', { name: 'Tag' }))
    expect(await dialog.findByRole('option', { name: 'v1.4.0 · 9f3c1e7' })).toBeTruthy()
    fireEvent.click(dialog.getByRole('radio', { name: 'Commit' }))
    await dialog.findByRole('option', { name: /^02c5a91 · First version · Ada Lovelace/ })
    fireEvent.click(dialog.getByRole('button', { name: 'Deploy' }))
    expect(dialog.getByText('Choose a commit.')).toBeTruthy()
    type(dialog.getByRole('combobox', { name: 'Commit' }), '02c5a91e7d3b4f6608a1c2d3e4f5061728394a5b')
    fireEvent.click(dialog.getByRole('button', { name: 'Deploy' }))
    await waitFor(() => expect(platform.sent.at(-1)?.body).toMatchObject({ useLatest: false, gitReferenceType: 'Commit', gitReference: '02c5a91e7d3b4f6608a1c2d3e4f5061728394a5b' }))
  })

  it('says how to get an application where there is none', async () => {
    await visit('/app/deployments?workspace=acme-demo-empty')
    fireEvent.click((await screen.findAllByRole('button', { name: 'Deploy' }))[0] as HTMLElement)
    expect(await screen.findByText(/There is no application yet/)).toBeTruthy()
  })

  it('begins in the pipeline, too', async () => {
    await visit(`/app/pipeline?workspace=${PLANT}`)
    fireEvent.click(await screen.findByRole('button', { name: 'Deploy' }))
    const dialog = within(await screen.findByRole('dialog', { name: 'Deploy' }))
    type(await dialog.findByLabelText(/^webhook_token/), 'x')
    fireEvent.click(dialog.getByRole('button', { name: 'Deploy' }))
    await waitFor(() => expect(router.state.location.search).toMatchObject({ deployment: idOf('Alert router'), tab: 'build' }))
  })
})

describe('editing a deployment', () => {
  it('sends only what changed; the status is no change of anybody', async () => {
    const dialog = await editDialog('Features line 2')
    const id = idOf('Features line 2')
    const save = dialog.getByRole<HTMLButtonElement>('button', { name: 'Save changes' })
    expect(save.disabled).toBe(true)
    type(dialog.getByRole('spinbutton', { name: 'Replicas' }), '3')
    expect(dialog.getByRole('region', { name: 'Changes' }).textContent).toContain('Replicas13')
    expect(dialog.queryByText(/^What runs/)).toBeNull()
    act(() => void setStatus(platform.world, id, 'Running', { restartCount: 1 }))
    fireEvent.click(save)
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(platform.sent.filter(({ what }) => what === `PATCH /deployments/${id}`).map(({ body }) => body)).toEqual([{ replicas: 3, revision: 1 }])
    await waitFor(async () => expect((await cells(id))[3]).toBe('1/3'))
  })

  it('shows what somebody else changed first, and asks whose is kept where both changed the same', async () => {
    const dialog = await editDialog('Features line 2')
    const id = idOf('Features line 2')
    type(dialog.getByRole('spinbutton', { name: 'Replicas' }), '3')
    type(dialog.getByRole('spinbutton', { name: 'Memory' }), '700')
    // Behind the back of the change feed.
    const before = platform.world.deployments.get(id)
    if (before) platform.world.deployments.set(id, { ...before, revision: 9, wishRevision: 2, memoryInMb: 900, cpuMillicores: 400, updatedBy: { userId: 'u2', email: 'grace@acme.test', firstName: 'Grace', lastName: 'Hopper', dateTime: before.updatedAt } })
    fireEvent.click(dialog.getByRole('button', { name: 'Save changes' }))
    const meanwhile = within(await dialog.findByRole('region', { name: 'Changed meanwhile' }))
    expect(meanwhile.getByText('Grace Hopper changed this deployment')).toBeTruthy()
    expect(meanwhile.getByText(/Nothing of yours was saved yet/)).toBeTruthy()
    expect(meanwhile.getByRole('region', { name: 'What they changed' }).textContent).toContain('CPU200 m400 m')
    expect(dialog.queryByRole('alert')).toBeNull()
    fireEvent.click(within(meanwhile.getByRole('radiogroup', { name: 'Whose Memory' })).getByRole('radio', { name: 'Theirs' }))
    expect(dialog.getByRole('region', { name: 'Changes' }).textContent).toBe('ChangesReplicas13')
    fireEvent.click(dialog.getByRole('button', { name: 'Save changes' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(platform.sent.at(-1)?.body).toEqual({ replicas: 3, revision: 2 })
  })

  it('sends once more when the others wanted nothing else', async () => {
    const dialog = await editDialog('Features line 2')
    const id = idOf('Features line 2')
    type(dialog.getByRole('spinbutton', { name: 'Replicas' }), '3')
    const before = platform.world.deployments.get(id)
    if (before) platform.world.deployments.set(id, { ...before, revision: 9, wishRevision: 5 })
    fireEvent.click(dialog.getByRole('button', { name: 'Save changes' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(platform.sent.filter(({ what }) => what === `PATCH /deployments/${id}`).map(({ body }) => body)).toEqual([{ replicas: 3, revision: 1 }, { replicas: 3, revision: 5 }])
  })

  it('takes a health check', async () => {
    const dialog = await editDialog('Features line 2')
    type(dialog.getByRole('combobox', { name: 'A replica is well when' }), 'Http')
    type(dialog.getByRole('textbox', { name: 'Path' }), 'healthz')
    expect(dialog.getByText("must begin with '/' and have no blanks")).toBeTruthy()
    type(dialog.getByRole('textbox', { name: 'Path' }), '/healthz')
    type(dialog.getByRole('spinbutton', { name: 'Within' }), '30')
    fireEvent.click(dialog.getByRole('button', { name: 'Save changes' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(platform.sent.at(-1)?.body).toEqual({ healthCheck: { type: 'Http', path: '/healthz', timeoutSeconds: 30 }, revision: 1 })
  })

  it('says a schedule in words, and when it comes next', async () => {
    await visit(`/app/deployments?workspace=${PLANT}&q=shift`)
    await choose(idOf('Shift report'), 'Edit…')
    const dialog = within(await screen.findByRole('dialog', { name: 'Edit Shift report' }))
    const schedule = await dialog.findByRole<HTMLInputElement>('textbox', { name: 'Schedule' })
    expect(schedule.value).toBe('0 6,14,22 * * *')
    expect(dialog.getByText(/^At 06:00, 14:00 and 22:00, UTC\. Next in /)).toBeTruthy()
    type(schedule, '0 6 * *')
    expect(dialog.getByText('has five parts: minute, hour, day of the month, month, day of the week')).toBeTruthy()
    type(schedule, '0 0 31 2 *')
    expect(dialog.getByText('names no day that ever comes')).toBeTruthy()
    type(schedule, '*/5 * * * *')
    type(dialog.getByRole('spinbutton', { name: 'Retries' }), '5')
    fireEvent.click(dialog.getByRole('button', { name: 'Save changes' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(platform.sent.at(-1)?.body).toEqual({ schedule: '*/5 * * * *', jobRetries: 5, revision: 1 })
  })

  it('keeps hidden values, and what somebody else changed', async () => {
    const id = idOf('Gateway line 2')
    const before = platform.world.deployments.get(id)
    if (before) platform.world.deployments.set(id, { ...before, variables: { ...before.variables, key: { inputType: 'Secret', value: '••••••' } } })
    const dialog = await editDialog('Gateway line 2')
    type(dialog.getByRole('textbox', { name: /^interval_seconds/ }), '9')
    act(() => void setStatus(platform.world, id, 'Running', { memoryInMb: 900, wishRevision: 2 }))
    expect((await dialog.findByRole('region', { name: 'What they changed' })).textContent).toContain('500 MB900 MB')
    const key = dialog.getByLabelText<HTMLInputElement>(/^key/)
    type(key, 'new')
    fireEvent.click(dialog.getByRole('button', { name: 'Keep the present value of key' }))
    fireEvent.click(dialog.getByRole('button', { name: 'Save changes' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    const { variables, ...rest } = platform.sent.at(-1)?.body as { variables: Record<string, { value: string }> }
    expect(rest).toEqual({ revision: 2 })
    expect([variables.interval_seconds?.value, variables.key?.value]).toEqual(['9', '••••••'])
    expect(rows()).toContain(id)
  })
})
