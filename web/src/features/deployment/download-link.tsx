import { Download } from 'lucide-react'

/** Gives what is shown as a file. */
export function DownloadLink({ href, label }: { href: string; label: string }) {
  return (
    <a href={href} download aria-label={label} title={label} className="inline-flex size-7 shrink-0 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-text">
      <Download className="size-4" />
    </a>
  )
}
