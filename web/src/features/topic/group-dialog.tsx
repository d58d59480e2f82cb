import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { details } from '@/api/details'
import type { Group } from '@/api/types'
import { Choice } from '@/components/choice'
import { Dialog } from '@/components/dialog'
import { Field, Form, TextInput } from '@/components/form'
import { tell } from '@/components/tell'
import { groupName, lagText } from './groups'

interface Props {
  workspaceId: string
  topic: string
  group: Group
  what: 'move' | 'delete'
  onClose: () => void
}

type To = 'earliest' | 'latest' | 'time'

const TARGETS: { id: To; label: string }[] = [
  { id: 'earliest', label: 'The oldest' },
  { id: 'latest', label: 'The newest' },
  { id: 'time', label: 'A time' },
]
const HINTS: Record<To, string> = {
  earliest: 'Everything that the topic keeps is read once more.',
  latest: 'What was not read yet is passed over.',
  time: 'It goes on with the first record of that time or later.',
}

/** Asks before a group is moved, or what it knows of the topic is forgotten. */
export default function GroupDialog({ workspaceId, topic, group, what, onClose }: Props) {
  const client = useQueryClient()
  const [to, setTo] = useState<To>('earliest')
  const [time, setTime] = useState('')
  const name = groupName(group.group, workspaceId)
  const moving = what === 'move'
  const { mutate, isPending, error } = useMutation({
    mutationFn: () =>
      moving ? details.moveGroup(workspaceId, group.group, topic, to === 'time' ? { time: new Date(time).toISOString() } : to) : details.deleteGroup(workspaceId, group.group),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['groups', workspaceId] })
      tell(moving ? `${name} was moved` : `${name} was deleted`)
      onClose()
    },
  })
  return (
    <Dialog
      title={moving ? `Move ${name}` : `Delete ${name}`}
      description={
        moving
          ? `Where it goes on in ${topic} when it reads next. It is ${lagText(group.lag)} now.`
          : 'How far it came is forgotten, in this topic and in every other that it reads. A program that reads with it begins anew: at the newest or the oldest, as it chooses. No record is removed.'
      }
      onClose={onClose}
    >
      <Form
        danger={!moving}
        action={moving ? (isPending ? 'Moving…' : 'Move the group') : isPending ? 'Deleting…' : 'Delete the group'}
        busy={isPending}
        blocked={moving && to === 'time' && !time}
        error={error}
        onSubmit={mutate}
        onClose={onClose}
      >
        {moving && <Choice label="To" hint={HINTS[to]} options={TARGETS} chosen={to} onChoose={setTo} />}
        {moving && to === 'time' && (
          <Field label="Time" hint="In your local time.">
            {(control) => <TextInput {...control} type="datetime-local" step={1} value={time} onChange={(event) => setTime(event.target.value)} />}
          </Field>
        )}
      </Form>
    </Dialog>
  )
}
