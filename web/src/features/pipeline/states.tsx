import type { ReactNode } from 'react'
import type { Workspace } from '@/api/types'
import { CopyButton } from '@/components/copy'
import { gitUrl } from '../shell/workspace'

/** The shape of a pipeline, while the real one is on its way. */
export function PipelineSkeleton() {
  return (
    <div role="status" aria-busy="true" aria-label="Loading the pipeline" className="canvas flex h-full items-center justify-center gap-[clamp(24px,8%,148px)] px-6">
      {[0, 1, 2].map((i) => (
        <div key={i} className="grid h-31 w-61 min-w-0 content-between rounded-md border border-line bg-surface p-3">
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

function Step({ number, title, children }: { number: number; title: string; children: ReactNode }) {
  return (
    <li className="grid grid-cols-[24px_1fr] gap-3">
      <span className="flex size-6 items-center justify-center rounded-full border border-line-strong text-xs text-muted">{number}</span>
      <div className="grid min-w-0 gap-2">
        <h2 className="leading-6 font-medium">{title}</h2>
        {children}
      </div>
    </li>
  )
}

function Code({ children }: { children: string }) {
  return (
    <div className="group relative rounded-md border border-line bg-surface">
      <pre className="overflow-x-auto p-3 pr-10 font-mono text-xs leading-5 break-words whitespace-pre-wrap select-text">{children}</pre>
      <CopyButton label="Copy" text={children} className="absolute top-2 right-2" />
    </div>
  )
}

function Doc({ href, children }: { href: string; children: string }) {
  return (
    <a href={href} target="_blank" rel="noreferrer" className="text-accent underline underline-offset-2">
      {children}
    </a>
  )
}

/** What a workspace without deployments shows: what a pipeline is, and how to get one. */
export function EmptyPipeline({ workspace, deploy }: { workspace: Workspace; deploy: ReactNode }) {
  const clone = `git clone ${gitUrl(workspace)}`
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto grid max-w-[640px] gap-6 px-6 py-12">
        <header className="grid gap-2">
          <h1 className="text-xl font-semibold">Nothing runs here yet</h1>
          <p className="text-base text-muted">
            A pipeline is made of deployments that read and write topics. Each deployment runs an application: a folder with an app.yaml in
            this project’s Git repository. Three steps give you the first.
          </p>
        </header>
        <ol className="grid gap-6">
          <Step number={1} title="Clone the repository">
            <Code>{clone}</Code>
            <p className="text-muted">Git asks for a password: that is a token, which <code className="font-mono text-xs">headwater token create</code> prints. The user name is free.</p>
          </Step>
          <Step number={2} title="Add a folder with your code and an app.yaml, and push">
            <Code>{APP_YAML}</Code>
          </Step>
          <Step number={3} title="Deploy it">
            <div>{deploy}</div>
            <p className="text-muted">
              The dialog lists the applications of the branch. The deployment appears here the moment it is made, and its arrows turn green
              when data flows.
            </p>
          </Step>
        </ol>
        <p className="text-muted">
          All of this can be done by programs, too: see the <Doc href="/openapi.json">API’s document</Doc>; how to write an application in the{' '}
          <Doc href="https://quix.io/docs/quix-streams/introduction.html">quixstreams guide</Doc>.
        </p>
      </div>
    </div>
  )
}
