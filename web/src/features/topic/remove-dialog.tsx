import { useQuery } from '@tanstack/react-query'
import { deploymentsQuery } from '@/api/queries'
import type { Topic } from '@/api/types'
import { Dialog } from '@/components/dialog'
import { bytesPerSecond } from '@/components/format'
import { Form } from '@/components/form'
import { useTopicRates } from '@/live/use-rates'
import { useTopicAction } from './actions'
import { type Named, NOBODY, usersByTopic } from './users'

interface Props {
  topic: Topic
  what: 'topic' | 'records'
  onClose: () => void
}

function Who({ verb, named }: { verb: string; named: Named[] }) {
  if (named.length === 0) return null
  return (
    <li>
      {named.map(({ id, name }, i) => (
        <span key={id}>
          {i > 0 && (i === named.length - 1 ? ' and ' : ', ')}
          <strong className="font-medium">{name}</strong>
        </span>
      ))}{' '}
      {named.length === 1 ? `${verb}s` : verb} it
    </li>
  )
}

/** Asks before a topic, or what is in it, is lost; names who uses it. */
export default function RemoveDialog({ topic, what, onClose }: Props) {
  const { workspaceId, name } = topic
  const { mutate } = useTopicAction(topic)
  const deployments = useQuery(deploymentsQuery(workspaceId)).data?.value
  const users = (deployments && usersByTopic(deployments).get(name)) ?? NOBODY
  const { bytesInPerSecond } = useTopicRates(name)
  const used = users.producers.length + users.consumers.length > 0
  const all = what === 'topic'
  return (
    <Dialog
      title={all ? `Delete ${name}` : `Remove the records of ${name}`}
      description={
        all
          ? 'The topic and all of its records are removed. They cannot be brought back.'
          : 'All records that it holds now are removed. They cannot be brought back. The topic stays, and so do its settings.'
      }
      onClose={onClose}
    >
      <Form
        danger
        keep={all ? 'Keep it' : 'Keep them'}
        action={all ? 'Delete topic and records' : 'Remove records'}
        busy={false}
        onSubmit={() => {
          mutate(all ? 'remove' : 'clean')
          onClose()
        }}
        onClose={onClose}
      >
        {!deployments && <p className="text-warn">Which deployments use it is not known now.</p>}
        {deployments && !used && <p className="text-muted">No deployment here reads or writes it. Programs elsewhere may.</p>}
        {(used || bytesInPerSecond > 0) && (
          <ul className="grid gap-1 rounded-md border border-line bg-bg px-3 py-2">
            <Who verb="write" named={users.producers} />
            <Who verb="read" named={users.consumers} />
            {bytesInPerSecond > 0 && <li className="text-warn">{bytesPerSecond(bytesInPerSecond)} are being written to it now</li>}
          </ul>
        )}
        {all && used && <p className="text-muted">Those deployments are not changed. The topic is made anew, empty, when one of them starts.</p>}
        {!all && topic.configuration.cleanupPolicy !== 'Delete' && <p className="text-warn">It keeps the last record of each key. What is built from it, such as the state of an application, cannot be built again.</p>}
      </Form>
    </Dialog>
  )
}
