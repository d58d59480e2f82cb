import type { Topic } from '@/api/types'
import { Ago } from '@/components/ago'
import { bytes, bytesPerSecond, count, minutes, perSecond } from '@/components/format'
import { Fact, Facts } from '@/components/panel'
import { Sparkline } from '@/components/sparkline'
import { useTopicHistory, useTopicRates } from '@/live/use-rates'
import { CLEANUP } from './configuration'
import type { Named, Users } from './users'

interface Props {
  name: string
  topic: Topic | undefined
  users: Users
  onDeployment: (id: string) => void
}

function Links({ named, none, onDeployment }: { named: Named[]; none: string; onDeployment: (id: string) => void }) {
  if (named.length === 0) return <span className="text-muted">{none}</span>
  return (
    <ul>
      {named.map(({ id, name }) => (
        <li key={id}>
          <button type="button" className="max-w-full truncate text-accent hover:underline" onClick={() => onDeployment(id)}>
            {name}
          </button>
        </li>
      ))}
    </ul>
  )
}

/** What a topic is, at a glance. */
export function TopicFacts({ name, topic, users, onDeployment }: Props) {
  const rates = useTopicRates(name)
  const history = useTopicHistory(name)
  const outside = users.producers.length === 0 && rates.bytesInPerSecond > 0
  return (
    <>
      <div className="mb-3 flex items-center justify-between gap-3">
        <Sparkline values={history} label={`Bytes per second of ${name}`} />
        <span className="text-right text-xs whitespace-nowrap text-muted">
          <span className="block text-text">{bytesPerSecond(rates.bytesInPerSecond)}</span>
          {perSecond(rates.recordsInPerSecond)} messages
        </span>
      </div>
      {topic?.status === 'Error' && <p className="mb-3 rounded-md border border-line bg-bg px-2.5 py-1.5 text-bad break-words">{topic.lastError}</p>}
      {!topic && <p className="mb-3 rounded-md border border-line bg-bg px-2.5 py-1.5 text-muted">This topic does not exist yet. It is made when a deployment that uses it starts.</p>}
      <Facts>
        <Fact name="Written by">
          <Links named={users.producers} none={outside ? 'a program outside this workspace’s deployments' : 'nobody here'} onDeployment={onDeployment} />
        </Fact>
        <Fact name="Read by">
          <Links named={users.consumers} none="nobody here" onDeployment={onDeployment} />
        </Fact>
        <Fact name="Read at">{bytesPerSecond(rates.bytesOutPerSecond)}</Fact>
        {topic && (
          <>
            {topic.records !== undefined && (
              <Fact name="Holds">
                {`${count(topic.records)}${topic.configuration.cleanupPolicy === 'Delete' ? '' : ' at most'} records`}
                {topic.bytes !== undefined && <span className="text-muted"> · {bytes(topic.bytes)}</span>}
              </Fact>
            )}
            {topic.lastRecordAt !== undefined && <Fact name="Last record">{topic.lastRecordAt ? <Ago time={topic.lastRecordAt} /> : <span className="text-muted">never</span>}</Fact>}
            <Fact name="Partitions">{topic.configuration.partitions}</Fact>
            <Fact name="Kept for">{minutes(topic.configuration.retentionInMinutes)}</Fact>
            <Fact name="Kept up to">
              {topic.configuration.retentionInBytes < 0 ? 'no limit' : `${bytes(topic.configuration.retentionInBytes)} a partition`}
            </Fact>
            <Fact name="Clean-up">{CLEANUP[topic.configuration.cleanupPolicy].text}</Fact>
            <Fact name="Made by">{topic.unmanaged ? 'a Kafka client' : topic.sdkTopic ? 'code, or for a deployment' : 'hand'}</Fact>
            <Fact name="Topic id">
              <span className="font-mono text-xs break-all">{topic.id}</span>
            </Fact>
          </>
        )}
      </Facts>
    </>
  )
}
