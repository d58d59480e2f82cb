import { expect, it } from 'vitest'
import type { DeploymentStatus } from '@/api/types'
import { summary } from './title'

const of = (...statuses: DeploymentStatus[]) => summary(statuses.map((status) => ({ status })))

it('counts each deployment once', () => {
  expect(of('Running', 'Running', 'BuildFailed', 'RuntimeError', 'Building', 'Stopped', 'Completed', 'Stopping')).toEqual({
    running: '2 running',
    failed: '2 failed',
    others: '1 on the way · 3 at rest',
  })
})

it('leaves out what there is none of', () => {
  expect(of('Running')).toEqual({ running: '1 running', failed: '', others: '' })
})
