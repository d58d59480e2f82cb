import { Copy } from 'lucide-react'
import { useState } from 'react'
import { IconButton } from '@/components/button'
import { bytes, utc } from '@/components/format'
import { Fact, Facts } from '@/components/panel'
import { Tabs } from '@/components/tabs'
import { tell, tellFailure } from '@/components/tell'
import type { TopicMessage } from '@/live/protocol'
import { asText, bytesOf, type Form, formsOf, hexDump, oneLine } from './content'
import { JsonTree } from './json-tree'

const WORDS: Record<Form, string> = { json: 'JSON', text: 'Text', hex: 'Hex' }

function Value({ message, form }: { message: TopicMessage; form: Form }) {
  const { value } = message
  if (value === null) return <p className="text-muted">No value: this message removes its key (a tombstone).</p>
  if (form === 'json' && 'json' in value) return <JsonTree value={value.json} />
  return <pre className="break-words whitespace-pre-wrap">{form === 'hex' ? hexDump(bytesOf(value)) : asText(value)}</pre>
}

function Headers({ headers }: Pick<TopicMessage, 'headers'>) {
  return (
    <section className="mt-3 border-t border-line pt-2">
      <h3 className="mb-1 text-xs font-medium text-muted">{headers.length === 0 ? 'No headers' : `Headers (${headers.length})`}</h3>
      {headers.length > 0 && (
        <Facts>
          {headers.map(([name, value], i) => (
            // A name may stand several times.
            <Fact key={`${name}-${i}`} name={name}>
              <span className="font-mono text-xs break-all">{value === null ? <em className="text-muted">null</em> : oneLine(value)}</span>
            </Fact>
          ))}
        </Facts>
      )}
    </section>
  )
}

/** One message in full. */
export function MessageDetail({ message }: { message: TopicMessage }) {
  const forms = formsOf(message.value)
  const [wanted, setWanted] = useState<Form>('json')
  const form = forms.includes(wanted) ? wanted : (forms[0] ?? 'text')
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(form === 'hex' ? hexDump(bytesOf(message.value)) : asText(message.value))
      tell('Value copied')
    } catch (error) {
      tellFailure('The value was not copied.', error)
    }
  }
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex h-9 shrink-0 items-center justify-between border-b border-line pr-2 pl-1">
        <Tabs label="Form of the value" tabs={forms.map((id) => ({ id, label: WORDS[id] }))} chosen={form} onChoose={setWanted} />
        <IconButton label="Copy the value" onClick={copy}>
          <Copy className="size-4" />
        </IconButton>
      </div>
      <div className="min-h-0 grow overflow-auto p-3 select-text">
        <div className="mb-3 font-mono text-xs leading-5">
          <Value message={message} form={form} />
        </div>
        <Facts>
          <Fact name="Key">{message.key ? <span className="font-mono text-xs">{oneLine(message.key)}</span> : <span className="text-muted">none</span>}</Fact>
          <Fact name="Time">{utc(message.time)}</Fact>
          <Fact name="Place">
            partition {message.partition}, offset {message.offset}
          </Fact>
          <Fact name="Size">{bytes(message.size)}</Fact>
        </Facts>
        <Headers headers={message.headers} />
      </div>
    </div>
  )
}
