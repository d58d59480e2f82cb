import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '@/api/endpoints'
import { ApiError, refusedField } from '@/api/error'
import { topicsQuery, usualTopicQuery } from '@/api/queries'
import { Dialog } from '@/components/dialog'
import { Failure } from '@/components/failure'
import { Field, Form, TextInput } from '@/components/form'
import { showTopic } from './actions'
import { refusals, type Wanted } from './configuration'
import { ConfigurationFields } from './configuration-fields'
import { refusedName } from './name'

interface Props {
  workspaceId: string
  onCreated: (name: string) => void
  onClose: () => void
}

function CreateForm({ workspaceId, usual, onCreated, onClose }: Props & { usual: Wanted }) {
  const client = useQueryClient()
  const taken = new Set((useQuery(topicsQuery(workspaceId)).data?.value ?? []).map((topic) => topic.name))
  const [name, setName] = useState('')
  const [asked, setAsked] = useState(false)
  const [wanted, setWanted] = useState<Wanted>(usual)
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: () => api.createTopic(workspaceId, { name, configuration: wanted }),
    onSuccess: (topic) => {
      showTopic(client, topic)
      onClose()
      onCreated(topic.name)
    },
  })
  const refused = refusedField(error)
  const ofName = error instanceof ApiError && error.code === 'topic-exists' ? error.message : refused?.field === 'name' ? refused.message : undefined
  // A field that nobody has touched is not wrong yet.
  const nameError = (name || asked ? refusedName(name, taken) : undefined) ?? ofName
  const errors = { ...refusals(wanted), ...(refused && { [refused.field]: refused.message }) }
  const submit = () => {
    setAsked(true)
    if (!refusedName(name, taken) && Object.keys(refusals(wanted)).length === 0) mutate()
  }
  const shown = ofName || (refused && refused.field in wanted) ? undefined : error
  return (
    <Form action={isPending ? 'Creating…' : 'Create topic'} busy={isPending} error={shown} onSubmit={submit} onClose={onClose}>
      <Field label="Name" hint={`Letters, digits, '.', '_' and '-'. Kafka clients see it as ${workspaceId}-${name || 'name'}.`} error={nameError}>
        {(control) => (
          <TextInput
            {...control}
            autoFocus
            value={name}
            onChange={(event) => {
              setName(event.target.value)
              reset()
            }}
          />
        )}
      </Field>
      <ConfigurationFields
        wanted={wanted}
        errors={errors}
        onChange={(next) => {
          setWanted(next)
          reset()
        }}
      />
    </Form>
  )
}

/** Asks for what a new topic needs: a name; the rest has the workspace's usual values. */
export default function CreateDialog(props: Props) {
  const { data: usual, error, refetch } = useQuery(usualTopicQuery(props.workspaceId))
  return (
    <Dialog wide title="Create topic" description="A topic keeps records in order, for any number of deployments to read." onClose={props.onClose}>
      {usual ? (
        <CreateForm {...props} usual={usual} />
      ) : error ? (
        <Failure title="The usual values cannot be read" error={error} onRetry={() => void refetch()} />
      ) : (
        <div aria-busy="true" className="mt-4 grid gap-4">
          <div className="skeleton h-14" />
          <div className="skeleton h-36" />
        </div>
      )}
    </Dialog>
  )
}
