import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { IconButton } from './button'
import { tellFailure } from './tell'

function useCopy(text: string): [copied: boolean, copy: () => void] {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 1_500)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = () =>
    void navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      (error) => tellFailure('The text was not copied.', error),
    )
  return [copied, copy]
}

/** A small button that copies a text. */
export function CopyButton({ label, text, className }: { label: string; text: string; className?: string }) {
  const [copied, copy] = useCopy(text)
  return (
    <IconButton label={copied ? 'Copied' : label} onClick={copy} className={className}>
      {copied ? <Check className="size-4" /> : <Copy className="size-4" />}
    </IconButton>
  )
}

/** A text that a click copies. */
export function CopyText({ label, text }: { label: string; text: string }) {
  const [copied, copy] = useCopy(text)
  return (
    <button type="button" onClick={copy} title={`Copy ${label}`} className="inline-flex max-w-full items-center gap-1.5 rounded-sm text-xs text-muted hover:text-text">
      <span>{label}</span>
      <span className="truncate font-mono">{text}</span>
      {copied ? <Check className="size-3 shrink-0" aria-label="Copied" /> : <Copy className="size-3 shrink-0" />}
    </button>
  )
}
