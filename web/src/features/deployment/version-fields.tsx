import { useQuery } from '@tanstack/react-query'
import { explain } from '@/api/error'
import { commitsQuery, tagsQuery } from '@/api/queries'
import { Choice } from '@/components/choice'
import { Field, Select } from '@/components/form'
import { ago } from '@/components/format'
import { Switch } from '@/components/switch'
import type { Draft, Reference } from './draft'

interface Props {
  workspaceId: string
  applicationId: string
  draft: Draft
  error: string | undefined
  /** A newer commit stands in the branch than the one that runs. */
  newer?: boolean
  onChange: (part: Partial<Draft>) => void
}

const OPTIONS: { id: Reference; label: string }[] = [
  { id: 'Latest', label: 'Latest' },
  { id: 'Tag', label: 'Tag' },
  { id: 'Commit', label: 'Commit' },
]

function useReferences(workspaceId: string, applicationId: string, reference: Reference) {
  const tags = useQuery({ ...tagsQuery(workspaceId, applicationId), enabled: reference === 'Tag' })
  const commits = useQuery({ ...commitsQuery(workspaceId, applicationId), enabled: reference === 'Commit' })
  if (reference === 'Tag') {
    return { ...tags, options: tags.data?.map(({ name, reference: commit }) => ({ id: name, label: `${name} · ${commit.slice(0, 7)}` })) }
  }
  const options = commits.data?.map((commit) => ({
    id: commit.reference,
    label: `${commit.reference.slice(0, 7)} · ${commit.message.split('\n')[0]} · ${commit.authorName}, ${ago(commit.createdAt)}`,
  }))
  return { ...commits, options }
}

function ReferenceField({ workspaceId, applicationId, draft, error, onChange }: Props) {
  const { options, error: failure } = useReferences(workspaceId, applicationId, draft.reference)
  const what = draft.reference === 'Tag' ? 'tag' : 'commit'
  const known = options?.some(({ id }) => id === draft.gitReference)
  const none = options?.length === 0 ? `There is no ${what} yet.` : undefined
  return (
    <Field label={draft.reference} hint={none} error={failure ? explain(failure).message : error}>
      {(control) => (
        <Select {...control} disabled={!options} value={draft.gitReference} onChange={(event) => onChange({ gitReference: event.target.value })}>
          {!draft.gitReference && <option value="">{options ? `Choose a ${what}` : 'Loading…'}</option>}
          {draft.gitReference && !known && <option value={draft.gitReference}>{draft.gitReference}</option>}
          {options?.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </Select>
      )}
    </Field>
  )
}

/** Which code runs: the head of the branch, a tag or a commit. */
export function VersionFields(props: Props) {
  const { draft, newer, onChange } = props
  return (
    <>
      <Choice
        label="Version"
        hint={draft.reference === 'Latest' ? 'The head of the branch when it is deployed.' : undefined}
        options={OPTIONS}
        chosen={draft.reference}
        onChoose={(reference) => onChange({ reference, gitReference: '', refresh: false })}
      />
      {draft.reference !== 'Latest' ? (
        <ReferenceField {...props} />
      ) : newer ? (
        <div className="pt-6">
          <Switch label="Take the newest commit" hint="The branch is ahead of what runs." on={draft.refresh} onChange={(refresh) => onChange({ refresh })} />
        </div>
      ) : (
        <span />
      )}
    </>
  )
}
