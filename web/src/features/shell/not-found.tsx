import { Link } from '@tanstack/react-router'
import { Wordmark } from '@/components/mark'

export function NotFound() {
  return (
    <main className="flex h-full items-center justify-center p-6">
      <div className="grid w-[400px] gap-4">
        <Wordmark />
        <h1 className="text-xl font-semibold">There is no such page</h1>
        <p className="text-base text-muted">The address may be mistyped, or the page has moved.</p>
        <Link to="/pipeline" className="text-accent hover:underline">
          Go to the pipeline
        </Link>
      </div>
    </main>
  )
}
