import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { api } from '@/api/endpoints'
import { explain } from '@/api/error'
import { CopyText } from '@/components/copy'
import { Wordmark } from '@/components/mark'
import { takePlace, visited } from './place'

type State = { kind: 'exchanging' } | { kind: 'none' } | { kind: 'failed'; error: unknown }

/** A secret is exchanged once, however often the page is drawn. */
let exchange: { secret: string; answer: Promise<void> } | undefined

function exchangeOnce(secret: string): Promise<void> {
  if (exchange?.secret !== secret) exchange = { secret, answer: api.signIn(secret) }
  return exchange.answer
}

function useExchange(): State {
  const navigate = useNavigate()
  const router = useRouter()
  const client = useQueryClient()
  const [secret, setSecret] = useState(() => decodeURIComponent(window.location.hash.slice(1)))
  const [state, setState] = useState<State>(secret ? { kind: 'exchanging' } : { kind: 'none' })

  useEffect(() => {
    // A second link pasted into the same tab changes nothing but the hash.
    const change = () => setSecret(decodeURIComponent(window.location.hash.slice(1)))
    window.addEventListener('hashchange', change)
    return () => window.removeEventListener('hashchange', change)
  }, [])

  useEffect(() => {
    if (!secret) return
    // The secret leaves the address bar and the history at once.
    window.history.replaceState(window.history.state, '', window.location.pathname)
    setState({ kind: 'exchanging' })
    let current = true
    exchangeOnce(secret).then(
      () => {
        if (!current) return
        visited.set(true)
        client.clear()
        const place = takePlace()
        if (place) router.history.replace(place.startsWith('/app/') ? place : `/app${place}`)
        else void navigate({ to: '/pipeline', replace: true })
      },
      (error) => current && setState({ kind: 'failed', error }),
    )
    return () => {
      current = false
    }
  }, [secret, client, navigate, router])
  return state
}

function Command() {
  return (
    <div className="rounded-md border border-line bg-bg px-3 py-2 font-mono text-xs">
      <CopyText label="$" text="headwater sign-in" />
    </div>
  )
}

/** Signing in: a one-time link, printed where the platform was started, becomes a session. */
export default function SignInPage() {
  const state = useExchange()
  const { expired } = useSearch({ from: '/sign-in' })
  const failure = state.kind === 'failed' ? explain(state.error) : undefined
  const trouble = failure !== undefined && failure.status !== 401
  return (
    <main className="flex h-full items-center justify-center p-6">
      <div className="grid w-[400px] gap-5">
        <Wordmark />
        {state.kind === 'exchanging' ? (
          <p className="text-base text-muted" role="status">
            Signing you in…
          </p>
        ) : (
          <>
            <div className="grid gap-1.5">
              <h1 className="text-xl font-semibold">
                {failure ? (trouble ? 'Sign-in did not work' : 'This link is used up') : expired ? 'Your session has ended' : 'Sign in'}
              </h1>
              <p className="text-base text-muted">
                {failure
                  ? trouble
                    ? `${failure.message} Open the link again in a moment.`
                    : 'A sign-in link works once and for a day. A fresh one brings you in.'
                  : expired
                    ? 'Open a fresh sign-in link and you continue where you were.'
                    : 'Headwater signs you in by a one-time link. The first start of the platform prints one.'}
              </p>
            </div>
            <div className="grid gap-2">
              <p>On the machine that runs the platform, print a fresh link and open it here:</p>
              <Command />
            </div>
            {failure?.requestId && <CopyText label="request id" text={failure.requestId} />}
          </>
        )}
      </div>
    </main>
  )
}
