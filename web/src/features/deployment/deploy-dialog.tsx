import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '@/api/endpoints'
import { put } from '@/api/put'
import { applicationsQuery, deploymentsQuery, keys, topicsQuery } from '@/api/queries'
import type { Application, Deployment } from '@/api/types'
import { Dialog } from '@/components/dialog'
import { Failure } from '@/components/failure'
import { Field, Form, Select, TextInput } from '@/components/form'
import { Switch } from '@/components/switch'
import { type Draft, newDraft, slug, wantedOf } from './draft'
import { DraftFields } from './draft-fields'
import { useChecked, useTaken, useTopicNames } from './use-draft'

interface Props {
  workspaceId: string
  onDeployed: (deployment: Deployment) => void
  onClose: () => void
}

const deployable = ({ status }: Application) => status === 'Ready'

/** A name that nobody has: the application's, or numbered. */
function freeName(name: string, taken: Set<string>): string {
  if (!taken.has(name)) return name
  for (let number = 2; ; number += 1) if (!taken.has(`${name} ${number}`)) return `${name} ${number}`
}

function DeployForm({ workspaceId, applications, onDeployed, onClose }: Props & { applications: Application[] }) {
  const client = useQueryClient()
  const taken = useTaken(workspaceId)
  const topics = useTopicNames(workspaceId)
  const begin = (application: Application): Draft => {
    const name = freeName(application.name, taken.names)
    return { ...newDraft(application), name, urlPrefix: slug(name) }
  }
  const [application, setApplication] = useState(() => applications.find(deployable) as Application)
  const [draft, setDraft] = useState(() => begin(application))
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: () => api.deploy(wantedOf(draft, workspaceId, application.applicationId)),
    onSuccess: (deployment) => {
      put(client, keys.deployments(workspaceId), deployment, ({ deploymentId }) => deploymentId === deployment.deploymentId)
      onClose()
      onDeployed(deployment)
    },
  })
  const { errors, refusal, check } = useChecked(draft, taken, error)
  const change = (next: Draft) => {
    setDraft(next)
    reset()
  }
  const choose = (id: string) => {
    const next = applications.find(({ applicationId }) => applicationId === id)
    if (!next) return
    setApplication(next)
    change(begin(next))
  }
  // A prefix that nobody has touched follows the name.
  const rename = (name: string) => change({ ...draft, name, ...(draft.urlPrefix === slug(draft.name) && { urlPrefix: slug(name) }) })
  return (
    <Form action={isPending ? 'Deploying…' : 'Deploy'} busy={isPending} error={refusal} onSubmit={() => check() && mutate()} onClose={onClose}>
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <Field label="Application" hint={<span className="font-mono">{`${application.path}/ · ${application.language}`}</span>}>
          {(control) => (
            <Select {...control} value={application.applicationId} onChange={(event) => choose(event.target.value)}>
              {applications.map((each) => (
                <option key={each.applicationId} value={each.applicationId} disabled={!deployable(each)}>
                  {deployable(each) ? each.name : `${each.name || each.path}: app.yaml cannot be read`}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Name" error={errors.name}>
          {(control) => <TextInput {...control} value={draft.name} onChange={(event) => rename(event.target.value)} />}
        </Field>
      </div>
      <DraftFields
        workspaceId={workspaceId}
        applicationId={application.applicationId}
        application={application}
        draft={draft}
        topics={topics}
        errors={errors}
        // Inputs of another application's variables are other inputs.
        key={application.applicationId}
        onChange={change}
      />
      <div className="border-t border-line pt-4">
        <Switch label="Start it when it is built" on={draft.running} onChange={(running) => change({ ...draft, running })} />
      </div>
    </Form>
  )
}

function NoApplication({ workspaceId, broken, onClose }: { workspaceId: string; broken: boolean; onClose: () => void }) {
  return (
    <div className="mt-3 grid gap-3">
      <p className="text-muted">
        {broken
          ? 'No application can be deployed: their app.yaml files cannot be read. Correct one, push, and come back.'
          : 'There is no application yet. An application is a folder with an app.yaml in this project’s Git repository; push one and come back.'}
      </p>
      <p>
        <Link to="/pipeline" search={{ workspace: workspaceId }} onClick={onClose} className="text-accent underline underline-offset-2">
          The pipeline shows how
        </Link>
      </p>
    </div>
  )
}

/** Asks what to run, of which version, with how much, and with which values. */
export default function DeployDialog(props: Props) {
  const { workspaceId, onClose } = props
  const { data, error, refetch } = useQuery(applicationsQuery(workspaceId))
  // Names and topics that are taken should be known before anything is typed.
  const deployments = useQuery(deploymentsQuery(workspaceId))
  const topics = useQuery(topicsQuery(workspaceId))
  const ready = deployments.isFetched && topics.isFetched
  const applications = data?.value
  return (
    <Dialog wide title="Deploy" onClose={onClose}>
      {applications && ready ? (
        applications.some(deployable) ? (
          <DeployForm {...props} applications={applications} />
        ) : (
          <NoApplication workspaceId={workspaceId} broken={applications.length > 0} onClose={onClose} />
        )
      ) : error ? (
        <Failure title="The applications cannot be read" error={error} onRetry={() => void refetch()} />
      ) : (
        <div role="status" aria-busy="true" aria-label="Loading the applications" className="mt-4 grid gap-4">
          <div className="skeleton h-14" />
          <div className="skeleton h-48" />
        </div>
      )}
    </Dialog>
  )
}
