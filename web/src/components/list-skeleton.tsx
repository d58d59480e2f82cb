const WIDTHS = ['w-44', 'w-32', 'w-52', 'w-40', 'w-36', 'w-48']

/** The shape of a list, while the real one is on its way. */
export function ListSkeleton({ label }: { label: string }) {
  return (
    <div role="status" aria-busy="true" aria-label={label} className="h-full overflow-hidden">
      <div className="flex h-11 items-center justify-between border-b border-line bg-surface px-4">
        <div className="skeleton h-4 w-24" />
        <div className="skeleton h-7 w-72" />
      </div>
      <div className="h-8 border-b border-line" />
      {Array.from({ length: 14 }, (_, i) => (
        <div key={i} className="flex h-8 items-center gap-6 border-b border-line px-4">
          <div className="w-56 shrink-0">
            <div className={`skeleton h-3 ${WIDTHS[i % WIDTHS.length]}`} />
          </div>
          <div className="skeleton h-3 w-16 shrink-0" />
          <div className="skeleton h-3 w-16 shrink-0" />
          <div className="skeleton h-3 grow" />
        </div>
      ))}
    </div>
  )
}
