import { useMutation, useQueryClient } from '@tanstack/react-query'
import { details } from '@/api/details'
import { put } from '@/api/put'
import { keys } from '@/api/queries'
import type { Deployment, Version } from '@/api/types'
import { Dialog } from '@/components/dialog'
import { Form } from '@/components/form'
import { Difference } from './difference'
import { commitText } from './words'

interface Props {
  deployment: Deployment
  target: Version
  onClose: () => void
}

/** Asks before an older version is brought back, and says exactly what that changes. */
export default function RollbackDialog({ deployment, target, onClose }: Props) {
  const client = useQueryClient()
  const { deploymentId, workspaceId, name, version: current } = deployment
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => details.rollBack(deploymentId, target.version),
    onSuccess: (changed) => {
      put(client, keys.deployments(workspaceId), changed, (other) => other.deploymentId === deploymentId)
      void client.invalidateQueries({ queryKey: keys.deployment(workspaceId, deploymentId) })
      onClose()
    },
  })
  return (
    <Dialog
      wide
      title={`Roll ${name} back to version ${target.version}`}
      description={`Version ${current + 1} is made, with the code, variables and limits of version ${target.version}. Its environment stands, so nothing is built. Topics, messages and the state folder stay as they are.`}
      onClose={onClose}
    >
      <Form action={isPending ? 'Rolling back…' : `Roll back to version ${target.version}`} busy={isPending} error={error} onSubmit={mutate} onClose={onClose}>
        <p className="text-muted">{commitText(target)}</p>
        <Difference
          deploymentId={deploymentId}
          version={target.version}
          against={current}
          title={`What changes against version ${current}`}
          none="Nothing: both were wanted alike. The replicas are started anew."
        />
      </Form>
    </Dialog>
  )
}
