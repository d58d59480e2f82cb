import { ArrowUpCircle, EllipsisVertical, ExternalLink, RotateCw } from 'lucide-react'
import { memo } from 'react'
import type { Deployment } from '@/api/types'
import { classes } from '@/components/classes'
import { count } from '@/components/format'
import { Menu } from '@/components/menu'
import { useUsage } from '@/live/use-rates'
import { useDeploymentMenu } from '../deployment/deployment-menu'
import { versionText } from '../deployment/version'
import type { Stage } from './graph'
import { STAGE_BORDER } from './stage'
import { lookOf, Status } from './status'
import { UsageBars } from './usage'

interface Props {
  deployment: Deployment
  stage: Stage
  selected: boolean
  onOpen: (id: string, tab?: 'logs' | 'build') => void
}

function Facts({ deployment }: { deployment: Deployment }) {
  const { replicas, runningReplicas, restartCount } = deployment
  return (
    <span className="flex items-center gap-2 text-xs text-muted">
      {(replicas > 1 || runningReplicas > 1) && (
        <span title={`${runningReplicas} of ${replicas} replicas run`}>
          {runningReplicas}/{replicas} replicas
        </span>
      )}
      {restartCount > 0 && (
        <span className="flex items-center gap-1 text-warn" title={`${restartCount} restarts after an error`}>
          <RotateCw className="size-3" /> {count(restartCount)}
        </span>
      )}
    </span>
  )
}

/** A deployment's card. */
export const DeploymentNode = memo(function DeploymentNode({ deployment, stage, selected, onOpen }: Props) {
  const usage = useUsage(deployment.deploymentId)
  const items = useDeploymentMenu(deployment, onOpen)
  const { name, status, statusReason, publicUrl } = deployment
  return (
    <div
      data-status={status}
      className={classes(
        'relative flex h-full flex-col justify-between rounded-md border border-l-[3px] bg-surface py-2.5 pr-3 pl-3 hover:bg-raised',
        STAGE_BORDER[stage],
        selected ? 'border-y-accent border-r-accent' : 'border-y-line border-r-line',
      )}
    >
      <button
        type="button"
        aria-label={`${name}, ${lookOf(status).word}, ${stage === 'none' ? 'no topics' : stage}`}
        aria-pressed={selected}
        data-node={deployment.deploymentId}
        onClick={() => onOpen(deployment.deploymentId)}
        className="absolute -inset-px rounded-md"
      />
      <div className="flex items-center gap-1">
        <h2 className="grow truncate text-base font-semibold" title={name}>
          {name}
        </h2>
        {publicUrl && (
          <a
            href={publicUrl}
            target="_blank"
            rel="noreferrer"
            aria-label={`Open the public URL of ${name}`}
            title={publicUrl}
            className="relative inline-flex size-6 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-text"
          >
            <ExternalLink className="size-3.5" />
          </a>
        )}
        <Menu label={`Actions of ${name}`} items={items} className="relative -mr-1.5 inline-flex size-6 items-center justify-center text-muted hover:text-text">
          <EllipsisVertical className="size-4" />
        </Menu>
      </div>
      <div className="flex items-center justify-between gap-2">
        <Status status={status} className="text-xs" />
        <Facts deployment={deployment} />
      </div>
      {statusReason && !usage ? (
        <p title={statusReason} className="line-clamp-2 h-9 text-xs break-words text-muted">
          {statusReason}
        </p>
      ) : (
        <UsageBars usage={usage} replicas={deployment.replicas} cpuMillicores={deployment.cpuMillicores} memoryInMb={deployment.memoryInMb} />
      )}
      <div className="flex items-center justify-between gap-2 text-xs text-muted">
        <span>{deployment.deploymentType}</span>
        <span className="flex min-w-0 items-center gap-1.5">
          {deployment.latestOutOfSync && (
            <span className="flex items-center gap-1 text-info" title="A newer version stands in the branch">
              <ArrowUpCircle className="size-3" /> Out of date
            </span>
          )}
          <span className="truncate" title={deployment.gitReference}>
            {versionText(deployment)}
          </span>
        </span>
      </div>
    </div>
  )
})
