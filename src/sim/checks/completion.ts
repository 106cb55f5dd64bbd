import { Bitfield } from '../../base/bitfield.js'
import type { HostPlan } from '../world/host-plan.js'
import { Violation } from './violation.js'

interface FinishingHost {
  readonly id: number
  readonly plan: Pick<HostPlan, 'isSeed' | 'behaviour'>
  readonly isPresent: boolean
  readonly store: { readonly verified: Bitfield }
  readonly record: { readonly completedAt: number | undefined }
}

/** Pieces that some honest host has that is still there; undefined where there is nobody. */
function findable(hosts: readonly FinishingHost[]): Bitfield | undefined {
  let all: Bitfield | undefined
  for (const { isPresent, plan, store } of hosts) {
    if (!isPresent || plan.behaviour !== 'honest') continue
    all ??= new Bitfield(store.verified.length)
    for (const piece of store.verified) all.add(piece)
  }
  return all
}

/** At the end of a run: whoever is there and could have everything has it. */
export function checkFinished(hosts: readonly FinishingHost[], time: number): void {
  const late = hosts.filter(
    ({ isPresent, plan, record }) =>
      isPresent && !plan.isSeed && plan.behaviour !== 'liar' && record.completedAt === undefined,
  )
  const [first] = late
  if (first === undefined || findable(hosts)?.isFull !== true) return
  throw new Violation('not-finished', `${late.length} hosts have not everything, though all is there`, {
    host: first.id,
    time,
  })
}
