import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '@/api/endpoints'
import { ApiError } from '@/api/error'
import { put } from '@/api/put'
import { applicationsQuery, deploymentsQuery, keys } from '@/api/queries'
import type { Deployment, WantedDeployment } from '@/api/types'
import { Changes } from '@/components/changes'
import { Dialog } from '@/components/dialog'
import { Field, Form, TextInput } from '@/components/form'
import { changeOf, differences, type Draft, draftOf, replaces } from './draft'
import { DraftFields } from './draft-fields'
import { Meanwhile } from './meanwhile'
import { clashesOf, merged } from './merge'
import { useChecked, useTaken, useTopicNames } from './use-draft'

const find = (deployments: Deployment[] | undefined, id: string) => deployments?.find(({ deploymentId }) => deploymentId === id)

/** Whether somebody else was quicker. */
const overtaken = (error: unknown) => error instanceof ApiError && error.status === 409 && ['conflict', 'stale-revision'].includes(error.code)

/**
 * Sends a change of the deployment as it was last seen. Where only its status changed meanwhile, the change still is what
 * the person saw, and is sent once more; otherwise what others changed is shown first.
 */
async function send(client: QueryClient, seen: Deployment, change: WantedDeployment): Promise<Deployment> {
  const to = (deployment: Deployment) => api.updateDeployment(deployment.deploymentId, { ...change, revision: deployment.wishRevision ?? deployment.revision })
  try {
    return await to(seen)
  } catch (error) {
    if (!overtaken(error)) throw error
    const { value } = await client.fetchQuery({ ...deploymentsQuery(seen.workspaceId), staleTime: 0 })
    const now = find(value, seen.deploymentId)
    if (!now || differences(draftOf(seen, undefined), draftOf(now, undefined)).length > 0) throw error
    return await to(now)
  }
}

function consequence({ stateEnabled, deploymentType }: Draft): string {
  return stateEnabled || deploymentType === 'Job'
    ? 'What runs ends before the new version starts.'
    : 'What runs goes on until the new version is well.'
}

function EditForm({ opened, onClose }: { opened: Deployment; onClose: () => void }) {
  const client = useQueryClient()
  const { workspaceId, deploymentId, applicationId } = opened
  const application = useQuery(applicationsQuery(workspaceId)).data?.value.find((each) => each.applicationId === applicationId)
  const present = find(useQuery(deploymentsQuery(workspaceId)).data?.value, deploymentId)
  const [before] = useState(() => draftOf(opened, application))
  const [draft, setDraft] = useState(before)
  const current = draftOf(present ?? opened, application)
  const [conceded, setConceded] = useState<ReadonlySet<string>>(new Set())
  const wanted = merged(before, draft, current, conceded)
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: () => send(client, present ?? opened, changeOf(current, wanted)),
    onSuccess: (deployment) => {
      put(client, keys.deployments(workspaceId), deployment, (other) => other.deploymentId === deploymentId)
      onClose()
    },
  })
  // It is no failure of what was asked: what to do is asked above.
  const late = overtaken(error)
  const { errors, refusal, check } = useChecked(wanted, useTaken(workspaceId, deploymentId), late ? null : error)
  const topics = useTopicNames(workspaceId)
  const changes = differences(current, wanted)
  const meanwhile = differences(before, current)
  const change = (next: Draft) => {
    setDraft(next)
    reset()
  }
  return (
    <Form
      action={isPending ? 'Saving…' : 'Save changes'}
      busy={isPending}
      blocked={changes.length === 0 || !present}
      error={refusal}
      onSubmit={() => check() && mutate()}
      onClose={onClose}
    >
      {present && meanwhile.length > 0 && (
        <Meanwhile by={present.updatedBy} at={present.updatedAt} late={late} changes={meanwhile} clashes={clashesOf(before, draft, current)} conceded={conceded} onConcede={setConceded} />
      )}
      <Field label="Name" error={errors.name}>
        {(control) => <TextInput {...control} value={draft.name} onChange={(event) => change({ ...draft, name: event.target.value })} />}
      </Field>
      <DraftFields
        workspaceId={workspaceId}
        applicationId={applicationId}
        application={application}
        draft={draft}
        topics={topics}
        errors={errors}
        newer={opened.latestOutOfSync}
        onChange={change}
      />
      {!present && <p className="text-bad">It was deleted meanwhile.</p>}
      <Changes title="Changes" none="Nothing is changed yet." changes={changes} />
      {changes.length > 0 && replaces(current, wanted) && <p className="text-muted">{consequence(wanted)}</p>}
    </Form>
  )
}

/** Changes a deployment, and says beforehand what that means. */
export default function EditDialog({ deployment, onClose }: { deployment: Deployment; onClose: () => void }) {
  // What the application declares decides how values are entered; without it they are plain texts.
  const { isPending } = useQuery(applicationsQuery(deployment.workspaceId))
  return (
    <Dialog wide title={`Edit ${deployment.name}`} onClose={onClose}>
      {isPending ? <div aria-busy="true" className="skeleton mt-4 h-64" /> : <EditForm opened={deployment} onClose={onClose} />}
    </Dialog>
  )
}
