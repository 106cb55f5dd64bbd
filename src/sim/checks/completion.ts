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

/** A web server, which stays. */
interface Server {
  readonly goodPieces: Bitfield
}

/** Pieces that an honest host has which is still there, or a web server; undefined where there is neither. */
function findable(hosts: readonly FinishingHost[], webServers: readonly Server[]): Bitfield | undefined {
  let all: Bitfield | undefined
  for (const { goodPieces } of webServers) all = all?.union(goodPieces) ?? goodPieces
  for (const { isPresent, plan, store } of hosts) {
    if (!isPresent || plan.behaviour !== 'honest') continue
    all ??= new Bitfield(store.verified.length)
    for (const piece of store.verified) all.add(piece)
  }
  return all
}

/** At the end of a run: every host that is there and could complete has done so. */
export function checkFinished(
  hosts: readonly FinishingHost[],
  webServers: readonly Server[],
  time: number,
): void {
  const late = hosts.filter(
    ({ isPresent, plan, record }) =>
      isPresent && !plan.isSeed && plan.behaviour !== 'liar' && record.completedAt === undefined,
  )
  const [first] = late
  if (first === undefined || findable(hosts, webServers)?.isFull !== true) return
  throw new Violation('not-finished', `${late.length} hosts are incomplete, though all pieces are there`, {
    host: first.id,
    time,
  })
}
