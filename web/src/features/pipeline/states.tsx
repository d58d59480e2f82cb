import { BookOpen } from 'lucide-react'
import { Button } from '@/components/button'
import { CopyText } from '@/components/copy'

/** The shape of a pipeline, while the real one is on its way. */
export function PipelineSkeleton() {
  return (
    <div aria-busy="true" aria-label="Loading the pipeline" className="canvas flex h-full items-center justify-center gap-30">
      {[0, 1, 2].map((i) => (
        <div key={i} className="grid h-32 w-66 content-between rounded-md border border-line bg-surface p-3">
          <div className="skeleton h-4 w-36" />
          <div className="skeleton h-3 w-20" />
          <div className="grid gap-2">
            <div className="skeleton h-2" />
            <div className="skeleton h-2" />
          </div>
        </div>
      ))}
    </div>
  )
}

const APP_YAML = `name: My source
language: python
variables:
  - name: output
    inputType: OutputTopic
    defaultValue: readings
runEntryPoint: main.py`

function Step({ number, title, children }: { number: number; title: string; children: React.ReactNode }) {
  return (
    <li className="grid grid-cols-[24px_1fr] gap-3">
      <span className="flex size-6 items-center justify-center rounded-full border border-line-strong text-xs text-muted">{number}</span>
      <div className="grid min-w-0 gap-2">
        <h3 className="leading-6 font-medium">{title}</h3>
        {children}
      </div>
    </li>
  )
}

function Code({ children }: { children: string }) {
  return <pre className="overflow-x-auto rounded-md border border-line bg-bg p-3 font-mono text-xs leading-5 select-text">{children}</pre>
}

/** What a workspace without deployments shows: what a pipeline is, and how to get one. */
export function EmptyPipeline({ workspaceId, repository }: { workspaceId: string; repository: string }) {
  const clone = `git clone ${repository}`
  const deploy = `curl -X POST ${window.location.origin}/deployments \\\n  -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\\n  -d '{"workspaceId":"${workspaceId}","applicationId":"…","name":"My source"}'`
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto grid max-w-[640px] gap-6 px-6 py-12">
        <header className="grid gap-2">
          <h2 className="text-xl font-semibold">Nothing runs here yet</h2>
          <p className="text-base text-muted">
            A pipeline is made of deployments that read and write topics. Each deployment runs an application: a folder with an app.yaml in
            this project’s Git repository. Three steps give you the first.
          </p>
        </header>
        <ol className="grid gap-6">
          <Step number={1} title="Clone the repository">
            <Code>{clone}</Code>
            <CopyText label="copy command" text={clone} />
          </Step>
          <Step number={2} title="Add a folder with your code and an app.yaml, and push">
            <Code>{APP_YAML}</Code>
          </Step>
          <Step number={3} title="Deploy it">
            <Code>{deploy}</Code>
            <p className="text-muted">The deployment appears here the moment it is made, and turns green arrows on when data flows.</p>
          </Step>
        </ol>
        <Button className="justify-self-start" onClick={() => window.open('https://github.com/quixio/quix-streams#readme', '_blank', 'noreferrer')}>
          <BookOpen className="size-4" /> Read about quixstreams
        </Button>
      </div>
    </div>
  )
}
