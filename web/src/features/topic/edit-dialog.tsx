import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '@/api/endpoints'
import { refusedField } from '@/api/error'
import { topicsQuery } from '@/api/queries'
import type { Topic } from '@/api/types'
import { Changes } from '@/components/changes'
import { Dialog } from '@/components/dialog'
import { Form } from '@/components/form'
import { showTopic } from './actions'
import { changeOf, differences, refusals, type Wanted } from './configuration'
import { ConfigurationFields } from './configuration-fields'

/** Changes a topic, and says beforehand what that means. */
export default function EditDialog({ topic: opened, onClose }: { topic: Topic; onClose: () => void }) {
  const client = useQueryClient()
  const { workspaceId, name } = opened
  const topic = useQuery(topicsQuery(workspaceId)).data?.value.find(({ id }) => id === opened.id) ?? opened
  const [before] = useState<Wanted>(opened.configuration)
  const [wanted, setWanted] = useState<Wanted>(before)
  // Somebody else was quicker: what they changed is kept, as only what differs from what was read is sent.
  const meanwhile = differences(before, topic.configuration)
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: () => api.updateTopic(workspaceId, name, { ...changeOf(before, wanted), revision: topic.revision }),
    onSuccess: (changed) => {
      showTopic(client, changed)
      onClose()
    },
  })
  const found = refusals(wanted, before)
  const refused = refusedField(error)
  const changes = differences(before, wanted)
  const blocked = changes.length === 0 || Object.keys(found).length > 0
  return (
    <Dialog wide title={`Edit ${name}`} onClose={onClose}>
      <Form
        action={isPending ? 'Saving…' : 'Save changes'}
        busy={isPending}
        blocked={blocked}
        error={refused && refused.field in wanted ? undefined : error}
        onSubmit={mutate}
        onClose={onClose}
      >
        <ConfigurationFields
          wanted={wanted}
          errors={{ ...found, ...(refused && { [refused.field]: refused.message }) }}
          leastPartitions={before.partitions}
          onChange={(next) => {
            setWanted(next)
            reset()
          }}
        />
        {meanwhile.length > 0 && <Changes title="Changed by somebody else meanwhile, and kept" changes={meanwhile} />}
        <Changes title="Changes" none="Nothing is changed yet." changes={changes} />
      </Form>
    </Dialog>
  )
}
