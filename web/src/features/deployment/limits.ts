import type { Deployment, Limits, Replica } from '@/api/types'
import { bytes, cores } from '@/components/format'

const MIB = 1024 * 1024
const BY: Record<Limits['enforcedBy'], string> = { cgroup2: 'held by cgroup', cgroup1: 'held by cgroup', rlimit: 'held by rlimit', none: 'not enforced' }

/** What holds a replica, beside what was asked for: `200 m of 200 m · 500 MB of 500 MB · held by cgroup`. */
export function limitsText({ cpuMillicores, memoryBytes, enforcedBy }: Limits, asked: Pick<Deployment, 'cpuMillicores' | 'memoryInMb'>): string {
  const cpu = cpuMillicores === null ? `CPU not limited, ${cores(asked.cpuMillicores)} asked` : `${cores(cpuMillicores)} of ${cores(asked.cpuMillicores)}`
  const memory = memoryBytes === null ? `memory not limited, ${bytes(asked.memoryInMb * MIB)} asked` : `${bytes(memoryBytes)} of ${bytes(asked.memoryInMb * MIB)}`
  return [cpu, memory, BY[enforcedBy]].join(' · ')
}

/** What keeps a replica apart from the machine: `uid 61001 · namespaces · Landlock`. */
export function isolationText({ isolation }: Pick<Replica, 'isolation'>): string {
  const parts = [isolation.uid != null && `uid ${isolation.uid}`, isolation.namespaces && 'namespaces', isolation.landlock && 'Landlock']
  return parts.filter(Boolean).join(' · ')
}
