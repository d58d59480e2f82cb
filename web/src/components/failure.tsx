import { CircleAlert } from 'lucide-react'
import { explain } from '@/api/error'
import { Button } from './button'
import { CopyText } from './copy'

/** The state of a page or panel whose content could not be read. */
export function Failure({ title, error, onRetry }: { title: string; error: unknown; onRetry?: () => void }) {
  const { message, hint, requestId } = explain(error)
  return (
    <div role="alert" className="mx-auto flex max-w-[480px] flex-col items-start gap-2 p-6">
      <CircleAlert className="size-5 text-bad" />
      <h2 className="text-lg font-medium">{title}</h2>
      <p className="text-muted break-words">{message}</p>
      {hint && <p className="text-muted">{hint}</p>}
      {requestId && <CopyText label="request id" text={requestId} />}
      {onRetry && (
        <Button className="mt-2" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  )
}
