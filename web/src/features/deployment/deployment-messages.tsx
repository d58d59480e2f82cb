import { Link } from '@tanstack/react-router'
import type { Deployment, Topic } from '@/api/types'
import { Select } from '@/components/form'
import { inputs, outputs } from '../pipeline/graph'
import { MessagesView } from '../topic/messages-view'

interface Props {
  deployment: Deployment
  topics: Topic[]
  chosen: string | undefined
  onChoose: (topic: string) => void
  /** From where messages are read, as the address has it. */
  at: string | undefined
  onAt: (at: string | undefined) => void
}

/** The messages of one of the topics that a deployment reads and writes. */
export function DeploymentMessages({ deployment, topics, chosen, onChoose, at, onAt }: Props) {
  const { workspaceId } = deployment
  const groups = [
    { label: 'Reads', names: inputs(deployment) },
    { label: 'Writes', names: outputs(deployment) },
  ].filter(({ names }) => names.length > 0)
  const all = groups.flatMap(({ names }) => names)
  // What comes out of it is what one wants to see first.
  const name = chosen && all.includes(chosen) ? chosen : (outputs(deployment)[0] ?? all[0])
  if (!name) return <p className="p-4 text-muted">This deployment reads and writes no topics: none of its variables names one.</p>
  return (
    <MessagesView
      key={name}
      workspaceId={workspaceId}
      name={name}
      revision={topics.find((topic) => topic.name === name)?.revision}
      at={at}
      onAt={onAt}
      lead={
        <>
          <Select aria-label="Topic" className="h-7! w-56!" value={name} onChange={(event) => onChoose(event.target.value)}>
            {groups.map(({ label, names }) => (
              <optgroup key={label} label={label}>
                {names.map((topic) => (
                  <option key={topic}>{topic}</option>
                ))}
              </optgroup>
            ))}
          </Select>
          <Link to="/topics" search={{ workspace: workspaceId, topic: name }} className="shrink-0 text-xs text-accent hover:underline">
            Open topic
          </Link>
        </>
      }
    />
  )
}
