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

/** Pieces that an honest host has which is still there; undefined where there is no such host. */
function findable(hosts: readonly FinishingHost[]): Bitfield | undefined {
  let all: Bitfield | undefined
  for (const { isPresent, plan, store } of hosts) {
    if (!isPresent || plan.behaviour !== 'honest') continue
    all ??= new Bitfield(store.verified.length)
    for (const piece of store.verified) all.add(piece)
  }
  return all
}

/** At the end of a run: every host that is there and could complete has done so. */
export function checkFinished(hosts: readonly FinishingHost[], time: number): void {
  const late = hosts.filter(
    ({ isPresent, plan, record }) =>
      isPresent && !plan.isSeed && plan.behaviour !== 'liar' && record.completedAt === undefined,
  )
  const [first] = late
  if (first === undefined || findable(hosts)?.isFull !== true) return
  throw new Violation('not-finished', `${late.length} hosts are incomplete, though all pieces are there`, {
    host: first.id,
    time,
  })
}
