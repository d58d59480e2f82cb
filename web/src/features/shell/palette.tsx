import * as Radix from '@radix-ui/react-dialog'
import { useQuery } from '@tanstack/react-query'
import { useLocation, useNavigate, useParams } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { Box, ChartLine, Hammer, History, Keyboard, LogOut, MessageSquareText, Monitor, Moon, Pencil, Play, Plus, Rocket, Rows3, ScrollText, Search, Square, Sun, SquareStack } from 'lucide-react'
import type { ReactNode } from 'react'
import { deploymentsQuery, topicsQuery, useMay } from '@/api/queries'
import type { Deployment, Workspace } from '@/api/types'
import { setTheme } from '@/components/theme'
import { useDeploymentAction } from '../deployment/actions'
import { askToDeploy, askToEdit } from '../deployment/asking'
import { internal } from '../pipeline/graph'
import { canStart, canStop, lookOf } from '../pipeline/status'
import { askForTopic } from '../topic/asking'
import { showHelp } from './asking'
import { type Page, pageOf, pages } from './pages'
import { useSignOut } from './sign-out'

interface Props {
  workspaces: Workspace[]
  workspaceId: string | undefined
  onClose: () => void
}

const GROUP = '[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-muted'

interface RowProps {
  id: string
  icon: ReactNode
  label: string
  hint?: string
  onSelect: () => void
}

function Row({ id, icon, label, hint, onSelect }: RowProps) {
  return (
    <Command.Item
      value={`${label} ${id}`}
      onSelect={onSelect}
      className="flex h-9 cursor-pointer items-center gap-3 rounded-sm px-2 aria-selected:bg-hover [&>svg]:size-4 [&>svg]:shrink-0 [&>svg]:text-muted"
    >
      {icon}
      <span className="grow truncate">{label}</span>
      {hint && <span className="shrink-0 text-xs text-muted">{hint}</span>}
    </Command.Item>
  )
}

function Switch({ deployment, onDone }: { deployment: Deployment; onDone: () => void }) {
  const { mutate } = useDeploymentAction(deployment)
  const { deploymentId, name, status } = deployment
  const act = (action: 'start' | 'stop') => () => {
    mutate(action)
    onDone()
  }
  return (
    <>
      {canStart(status) && <Row id={`start ${deploymentId}`} icon={<Play />} label={`Start ${name}`} onSelect={act('start')} />}
      {canStop(status) && <Row id={`stop ${deploymentId}`} icon={<Square />} label={`Stop ${name}`} onSelect={act('stop')} />}
    </>
  )
}

const TABS = [
  { tab: 'logs', mode: undefined, icon: <ScrollText />, label: 'Logs' },
  { tab: 'logs', mode: 'search', icon: <Search />, label: 'Search the logs' },
  { tab: 'build', mode: undefined, icon: <Hammer />, label: 'Build' },
  { tab: 'messages', mode: undefined, icon: <MessageSquareText />, label: 'Messages' },
  { tab: 'metrics', mode: undefined, icon: <ChartLine />, label: 'Metrics' },
  { tab: 'history', mode: undefined, icon: <History />, label: 'History, roll back' },
] as const

/** What the deployment that is looked at has besides. */
function Here({ deployment, onDone }: { deployment: Deployment; onDone: () => void }) {
  const navigate = useNavigate()
  const mayChange = useMay(deployment.workspaceId, { resourceType: 'Deployment', permission: 'Update' })
  const { deploymentId, workspaceId, name } = deployment
  return (
    <Command.Group heading={name} className={GROUP}>
      {TABS.map(({ tab, mode, icon, label }) => (
        <Row
          key={label}
          id={`here ${label}`}
          icon={icon}
          label={label}
          onSelect={() => {
            onDone()
            void navigate({ to: '/deployments/$deploymentId', params: { deploymentId }, search: { workspace: workspaceId, tab, mode } })
          }}
        />
      ))}
      {mayChange && (
        <Row
          id="here edit"
          icon={<Pencil />}
          label="Edit"
          onSelect={() => {
            onDone()
            askToEdit(deployment)
          }}
        />
      )}
    </Command.Group>
  )
}

function Objects({ workspaceId, onDone }: { workspaceId: string; onDone: () => void }) {
  const navigate = useNavigate()
  const deployments = useQuery(deploymentsQuery(workspaceId)).data?.value ?? []
  const topics = (useQuery(topicsQuery(workspaceId)).data?.value ?? []).filter(({ name }) => !internal(name))
  const mayDeploy = useMay(workspaceId, { resourceType: 'Deployment', permission: 'Create' })
  const mayCreate = useMay(workspaceId, { resourceType: 'Topic', permission: 'Create' })
  const { deploymentId: shown } = useParams({ strict: false })
  const here = deployments.find(({ deploymentId }) => deploymentId === shown)
  const openDeployment = (deploymentId: string, tab?: 'build') =>
    void navigate({ to: '/deployments/$deploymentId', params: { deploymentId }, search: { workspace: workspaceId, tab } })
  const openTopic = (topic: string) => void navigate({ to: '/topics', search: { workspace: workspaceId, topic } })
  const done = (act: () => void) => () => {
    onDone()
    act()
  }
  return (
    <>
      {here && <Here deployment={here} onDone={onDone} />}
      <Command.Group heading="Deployments" className={GROUP}>
        {deployments.map(({ deploymentId, name, status }) => (
          <Row key={deploymentId} id={deploymentId} icon={<Box />} label={name} hint={lookOf(status).word} onSelect={done(() => openDeployment(deploymentId))} />
        ))}
      </Command.Group>
      <Command.Group heading="Topics" className={GROUP}>
        {topics.map(({ id, name }) => (
          <Row key={id} id={`topic ${id}`} icon={<Rows3 />} label={name} onSelect={done(() => openTopic(name))} />
        ))}
      </Command.Group>
      <Command.Group heading="Actions" className={GROUP}>
        {mayDeploy && <Row id="deploy" icon={<Rocket />} label="Deploy an application" onSelect={done(() => askToDeploy(workspaceId, ({ deploymentId }) => openDeployment(deploymentId, 'build')))} />}
        {mayCreate && <Row id="create topic" icon={<Plus />} label="Create topic" onSelect={done(() => askForTopic(workspaceId, openTopic))} />}
        {deployments.map((deployment) => (
          <Switch key={deployment.deploymentId} deployment={deployment} onDone={onDone} />
        ))}
      </Command.Group>
    </>
  )
}

/** Every object and action, by typing. */
export default function Palette({ workspaces, workspaceId, onClose }: Props) {
  const navigate = useNavigate()
  const signOut = useSignOut()
  const page = useLocation({ select: ({ pathname }) => pageOf(pathname).to })
  const done = (act: () => void) => () => {
    onClose()
    act()
  }
  const go = (to: Page['to'], workspace: string | undefined) => done(() => void navigate({ to, search: { workspace } }))
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-shade" />
        <Radix.Content
          aria-describedby={undefined}
          className="arriving fixed top-[14%] left-1/2 z-50 w-[600px] max-w-[calc(100vw-32px)] -translate-x-1/2 overflow-hidden rounded-md border border-line-strong bg-raised shadow-float"
        >
          <Radix.Title className="sr-only">Search and commands</Radix.Title>
          <Command loop label="Search and commands">
            <Command.Input
              placeholder="Go to, open, start, stop…"
              className="h-12 w-full border-b border-line bg-transparent px-4 text-base outline-none placeholder:text-muted"
            />
            <Command.List className="max-h-[52vh] overflow-y-auto p-2">
              <Command.Empty className="px-2 py-6 text-center text-muted">Nothing is called that here.</Command.Empty>
              <Command.Group heading="Go to" className={GROUP}>
                {pages.map(({ to, label, icon: Icon, key }) => (
                  <Row key={to} id={to} icon={<Icon />} label={label} hint={`g ${key}`} onSelect={go(to, workspaceId)} />
                ))}
                {workspaces
                  .filter((each) => each.workspaceId !== workspaceId)
                  .map((each) => (
                    <Row key={each.workspaceId} id={each.workspaceId} icon={<SquareStack />} label={`Environment ${each.name}`} onSelect={go(page, each.workspaceId)} />
                  ))}
              </Command.Group>
              {workspaceId && <Objects workspaceId={workspaceId} onDone={onClose} />}
              <Command.Group heading="Settings" className={GROUP}>
                <Row id="theme dark" icon={<Moon />} label="Dark theme" onSelect={done(() => setTheme('dark'))} />
                <Row id="theme light" icon={<Sun />} label="Light theme" onSelect={done(() => setTheme('light'))} />
                <Row id="theme system" icon={<Monitor />} label="System theme" onSelect={done(() => setTheme('system'))} />
                <Row id="keyboard shortcuts help" icon={<Keyboard />} label="Keyboard shortcuts" hint="?" onSelect={done(showHelp)} />
                <Row id="sign out" icon={<LogOut />} label="Sign out" onSelect={done(signOut)} />
              </Command.Group>
            </Command.List>
          </Command>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
