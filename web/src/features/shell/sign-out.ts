import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api } from '@/api/endpoints'
import { explain } from '@/api/error'
import { tellFailure } from '@/components/tell'
import { visited } from '@/features/sign-in/place'

/** Ends the session here and at the platform. */
export function useSignOut(): () => void {
  const client = useQueryClient()
  const navigate = useNavigate()
  return () => {
    void api
      .signOut()
      .catch((error) => {
        // A session that had ended already is what was wanted.
        if (!explain(error).signedOut) throw error
      })
      .then(async () => {
        visited.set(false)
        await navigate({ to: '/sign-in' })
        client.clear()
      })
      .catch((error) => tellFailure('You are still signed in.', error))
  }
}
