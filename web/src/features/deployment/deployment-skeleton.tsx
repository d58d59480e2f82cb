/** The shape of an object's page, while the real one is on its way. */
export function DeploymentSkeleton({ label = 'Loading the deployment' }: { label?: string }) {
  return (
    <div role="status" aria-busy="true" aria-label={label} className="flex h-full flex-col">
      <div className="flex h-11 shrink-0 items-center border-b border-line bg-surface px-4">
        <div className="skeleton h-4 w-48" />
      </div>
      <div className="flex min-h-0 grow">
        <div className="grid w-80 shrink-0 content-start gap-3 border-r border-line bg-surface p-4">
          {[0, 1, 2, 3, 4, 5, 6, 7].map((i) => (
            <div key={i} className="skeleton h-3" />
          ))}
        </div>
        <div className="flex min-w-0 grow flex-col">
          <div className="canvas flex flex-1 items-center justify-center gap-12">
            <div className="skeleton h-24 w-52" />
            <div className="skeleton h-24 w-52" />
          </div>
          <div className="flex-[1.6] border-t border-line bg-surface" />
        </div>
      </div>
    </div>
  )
}
