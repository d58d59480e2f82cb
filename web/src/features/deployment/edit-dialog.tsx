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
import { useChecked, useTaken, useTopicNames } from './use-draft'

const find = (deployments: Deployment[] | undefined, id: string) => deployments?.find(({ deploymentId }) => deploymentId === id)

/**
 * Sends a change of the deployment as it was last seen. Its revision also grows when only its status changes; then the
 * change still is what the person saw, and is sent once more.
 */
async function send(client: QueryClient, seen: Deployment, change: WantedDeployment): Promise<Deployment> {
  try {
    return await api.updateDeployment(seen.deploymentId, { ...change, revision: seen.revision })
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'stale-revision') throw error
    const { value } = await client.fetchQuery({ ...deploymentsQuery(seen.workspaceId), staleTime: 0 })
    const now = find(value, seen.deploymentId)
    if (!now || differences(draftOf(seen, undefined), draftOf(now, undefined)).length > 0) throw error
    return await api.updateDeployment(seen.deploymentId, { ...change, revision: now.revision })
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
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: () => send(client, present ?? opened, changeOf(before, draft, current)),
    onSuccess: (deployment) => {
      put(client, keys.deployments(workspaceId), deployment, (other) => other.deploymentId === deploymentId)
      onClose()
    },
  })
  const { errors, refusal, check } = useChecked(draft, useTaken(workspaceId, deploymentId), error)
  const topics = useTopicNames(workspaceId)
  const changes = differences(before, draft)
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
      {meanwhile.length > 0 && <Changes title="Changed by somebody else meanwhile; kept where you change nothing" changes={meanwhile} />}
      <Changes title="Changes" none="Nothing is changed yet." changes={changes} />
      {changes.length > 0 && replaces(before, draft) && <p className="text-muted">{consequence(draft)}</p>}
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
