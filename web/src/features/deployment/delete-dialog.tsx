import { useState } from 'react'
import type { Deployment } from '@/api/types'
import { Button } from '@/components/button'
import { Dialog } from '@/components/dialog'
import { useDeploymentAction } from './actions'

/** Asks for the deployment's name before it is deleted. */
export default function DeleteDialog({ deployment, onClose }: { deployment: Deployment; onClose: () => void }) {
  const [typed, setTyped] = useState('')
  const { mutate } = useDeploymentAction(deployment)
  const confirmed = typed.trim() === deployment.name
  const submit = () => {
    if (!confirmed) return
    mutate('remove')
    onClose()
  }
  return (
    <Dialog
      title={`Delete ${deployment.name}`}
      description="Its replicas are stopped, and its logs and state folder are removed. Its topics and their messages stay, and so does the code."
      onClose={onClose}
    >
      <form
        className="mt-4 grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <label className="grid gap-1.5">
          <span>
            Type <strong className="font-semibold select-all">{deployment.name}</strong> to confirm
          </span>
          <input
            autoFocus
            autoComplete="off"
            spellCheck={false}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            className="h-8 rounded-md border border-line-strong bg-bg px-2.5"
          />
        </label>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Keep it</Button>
          <Button type="submit" look="danger" disabled={!confirmed}>
            Delete deployment
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
