import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '@/api/endpoints'
import { put } from '@/api/put'
import { keys } from '@/api/queries'
import type { Topic } from '@/api/types'
import { tell, tellFailure } from '@/components/tell'
import { live } from '@/live/live'

export type TopicAction = 'remove' | 'clean' | 'retry'

const FAILED: Record<TopicAction, (name: string) => string> = {
  remove: (name) => `${name} was not deleted.`,
  clean: (name) => `The records of ${name} were not removed.`,
  retry: (name) => `${name} was not tried again.`,
}

/** Puts a topic as it will be, or as the platform says that it is, into the list. */
export function showTopic(client: QueryClient, topic: Topic): void {
  put(client, keys.topics(topic.workspaceId), topic, ({ id }) => id === topic.id)
}

/** Deleting a topic, removing its records, and trying one in error again. */
export function useTopicAction(topic: Topic) {
  const client = useQueryClient()
  const { workspaceId, name } = topic
  const queryKey = keys.topics(workspaceId)
  return useMutation({
    mutationFn: async (action: TopicAction) => {
      if (action === 'clean') await api.cleanTopic(workspaceId, name)
      else if (action === 'retry') await api.retryTopic(workspaceId, name)
      // The dialog has named who uses it.
      else await api.removeTopic(workspaceId, name, true)
    },
    onMutate: async (action) => {
      await client.cancelQueries({ queryKey })
      if (action === 'remove') showTopic(client, { ...topic, status: 'Deleting' })
      if (action === 'retry') showTopic(client, { ...topic, status: 'Creating', lastError: null })
    },
    onError: (error, action) => {
      tellFailure(FAILED[action](name), error)
      void client.invalidateQueries({ queryKey })
    },
    onSuccess: (_, action) => {
      if (action === 'clean') tell(`The records of ${name} were removed`)
      // Without the feed nobody would say what came of it.
      if (live.status !== 'live') void client.invalidateQueries({ queryKey })
    },
  })
}
