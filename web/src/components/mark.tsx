/** The sign: two waves, where a stream begins. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden className={className}>
      <path d="M3 9c3.6-3.6 5.4-3.6 9 0s5.4 3.6 9 0M3 16c3.6-3.6 5.4-3.6 9 0s5.4 3.6 9 0" fill="none" stroke="var(--accent)" strokeWidth="2.5" strokeLinecap="round" />
    </svg>
  )
}

export function Wordmark() {
  return (
    <div className="flex items-center gap-2.5">
      <Mark className="size-7" />
      <span className="text-lg font-semibold">Headwater</span>
    </div>
  )
}
