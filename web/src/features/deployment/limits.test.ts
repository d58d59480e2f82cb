import { expect, it } from 'vitest'
import type { Limits } from '@/api/types'
import { limitsText } from './limits'

const limits: Limits = { cpuMillicores: 200, memoryBytes: 500 * 1024 * 1024, processes: 256, openFiles: 4096, enforcedBy: 'cgroup2', note: null }
const asked = { cpuMillicores: 200, memoryInMb: 500 }

it('names what holds a replica beside what was asked for', () => {
  expect(limitsText(limits, asked)).toBe('200 m of 200 m · 500 MB of 500 MB · held by cgroup')
  expect(limitsText({ ...limits, cpuMillicores: null, enforcedBy: 'rlimit' }, asked)).toBe('CPU not limited, 200 m asked · 500 MB of 500 MB · held by rlimit')
  expect(limitsText({ ...limits, cpuMillicores: null, memoryBytes: null, enforcedBy: 'none' }, asked)).toBe('CPU not limited, 200 m asked · memory not limited, 500 MB asked · not enforced')
})
