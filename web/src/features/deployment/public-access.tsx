import { useQuery } from '@tanstack/react-query'
import { deploymentsQuery } from '@/api/queries'
import type { Deployment } from '@/api/types'
import { Field, Section, TextInput } from '@/components/form'
import { Switch } from '@/components/switch'
import type { Draft } from './draft'
import { freePrefix } from './draft-rules'
import { useTaken } from './use-draft'

interface Props {
  workspaceId: string
  draft: Draft
  error: string | undefined
  set: (part: Partial<Draft>) => void
}

/** The address that a prefix leads to: as those of the others here are made, or by the host of this page. */
export function addressOf(prefix: string, workspaceId: string, deployments: Deployment[]): string {
  const label = `${prefix}-${workspaceId}`
  for (const { publicUrl, urlPrefix } of deployments) {
    const known = `${urlPrefix}-${workspaceId}`
    if (publicUrl && urlPrefix && publicUrl.includes(known)) return publicUrl.replace(known, label)
  }
  const { protocol, hostname, port } = window.location
  // A browser resolves every name under localhost.
  const host = /^(127\.|\[?::1)/.test(hostname) ? 'localhost' : hostname
  return `${protocol}//${label}.${host}${port && `:${port}`}/`
}

/** Whether the deployment has a public address, and which. */
export function PublicAccess({ workspaceId, draft, error, set }: Props) {
  const deployments = useQuery(deploymentsQuery(workspaceId)).data?.value ?? []
  const { prefixes } = useTaken(workspaceId)
  const job = draft.deploymentType === 'Job'
  const free = error ? freePrefix(draft.urlPrefix, prefixes) : undefined
  return (
    <Section title="Public access">
      <Switch
        label="Reachable by a public URL"
        hint={job && !draft.publicAccess ? 'A job has no public address.' : 'Requests go to the port that the variable PORT names, of any replica.'}
        on={draft.publicAccess}
        disabled={job && !draft.publicAccess}
        onChange={(publicAccess) => set({ publicAccess })}
      />
      {draft.publicAccess && (
        <div className="grid gap-1">
          <Field label="URL prefix" hint={<span className="break-all">{addressOf(draft.urlPrefix || '…', workspaceId, deployments)}</span>} error={error}>
            {(control) => <TextInput {...control} value={draft.urlPrefix} onChange={(event) => set({ urlPrefix: event.target.value })} />}
          </Field>
          {free && !job && (
            <p className="text-xs text-muted">
              <button type="button" className="text-accent hover:underline" onClick={() => set({ urlPrefix: free })}>
                Take ‘{free}’
              </button>
              , which is free: {addressOf(free, workspaceId, deployments)}
            </p>
          )}
        </div>
      )}
    </Section>
  )
}
