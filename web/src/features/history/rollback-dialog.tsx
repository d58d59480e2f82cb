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
  /** The number that the new version will have. */
  next: number
  onClose: () => void
}

/** Asks before an older version is brought back, and says exactly what that changes. */
export default function RollbackDialog({ deployment, target, next, onClose }: Props) {
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
  const back = target.version < current
  return (
    <Dialog
      wide
      title={back ? `Roll ${name} back to version ${target.version}` : `Run version ${target.version} of ${name} again`}
      description={`Version ${next} is made, with the code, variables and limits of version ${target.version}. Its environment stands, so nothing is built. Its name and the number of its replicas stay; so do topics, messages and the state folder.`}
      onClose={onClose}
    >
      <Form action={isPending ? 'Asking…' : back ? `Roll back to version ${target.version}` : `Run version ${target.version} again`} busy={isPending} error={error} onSubmit={mutate} onClose={onClose}>
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
