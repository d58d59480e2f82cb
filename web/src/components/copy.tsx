import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'

/** A text that a click copies. */
export function CopyText({ label, text }: { label: string; text: string }) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 1_500)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
  }
  return (
    <button type="button" onClick={copy} title={`Copy ${label}`} className="inline-flex max-w-full items-center gap-1.5 rounded-sm text-xs text-muted hover:text-text">
      <span>{label}</span>
      <span className="truncate font-mono">{text}</span>
      {copied ? <Check className="size-3 shrink-0" aria-label="Copied" /> : <Copy className="size-3 shrink-0" />}
    </button>
  )
}
