import { FAST_DISK } from '../world/disk.js'
import type { HostPlan } from '../world/host-plan.js'
import type { SwarmPlan } from '../world/swarm-plan.js'
import type { SwarmSize } from './scenario.js'

/** With pieces of 256 KiB a peer needs one second to upload one. */
export const EQUAL_RATE = 256 * 1024

/** Lines are ten times as fast down as up: upload capacity is to be scarce. */
const DOWN_PER_UP = 10

/** Each host's part of the latency; between two hosts it is twice as long. */
const LATENCY_MS = 25

const DAY_MS = 86_400_000

const PEER: HostPlan = {
  kind: 'peer',
  isSeed: false,
  uploadRate: EQUAL_RATE,
  downloadRate: EQUAL_RATE * DOWN_PER_UP,
  latencyMs: LATENCY_MS,
  joinMs: 0,
  leaving: { type: 'never' },
  behaviour: 'honest',
  disk: FAST_DISK,
}

/** A medium leecher, but for what `more` says. */
export function peer(more: Partial<HostPlan> = {}): HostPlan {
  return { ...PEER, ...more }
}

export function seed(more: Partial<HostPlan> = {}): HostPlan {
  return { ...PEER, kind: 'seed', isSeed: true, ...more }
}

/** `count` hosts, each made by `make` from its index. */
export function many(count: number, make: (index: number) => HostPlan): HostPlan[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

/** A swarm of this size and these hosts. */
export function swarm(
  { pieces, pieceLength, pick, degree }: SwarmSize,
  hosts: readonly HostPlan[],
  more: Partial<SwarmPlan> = {},
): SwarmPlan {
  return {
    pieceCount: pieces,
    pieceLength,
    pick,
    maxPeers: degree,
    hosts,
    lossesPerHour: 0,
    limitMs: DAY_MS,
    ...more,
  }
}
