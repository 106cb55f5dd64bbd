import type { HostRecord } from '../world/host-record.js'
import { contentBytes } from '../world/swarm-plan.js'
import type { SwarmResult } from '../world/swarm-result.js'
import { EQUAL_RATE } from './hosts.js'
import type { Figure } from './scenario.js'

/** The hosts that joined to download. */
export function leechers({ hosts }: SwarmResult): HostRecord[] {
  return hosts.filter(({ plan }) => !plan.isSeed)
}

/** Seconds until the last of these completed; NaN where one never did. */
export function lastSeconds(hosts: readonly HostRecord[]): number {
  return Math.max(...hosts.map(({ completedAt = Number.NaN }) => completedAt)) / 1_000
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/** Percentage of the hosts that have to complete that did; those that left before are not counted. */
export function completedPercent(hosts: readonly HostRecord[]): number {
  const stayed = hosts.filter(({ completedAt, leftAt }) => completedAt !== undefined || leftAt === undefined)
  return (100 * stayed.filter(({ completedAt }) => completedAt !== undefined).length) / stayed.length
}

export const ALL: { readonly atLeast: number } = { atLeast: 100 }

/**
 * With peers of equal upload and one seed, the last peer can have M pieces no sooner than after M + log2 n piece-upload times
 * (Mundinger, Weber and Weiss, 2008).
 */
export function leastSeconds({ plan }: SwarmResult, peers: number): number {
  const secondsPerPiece = plan.pieceLength / EQUAL_RATE
  return (plan.pieceCount + Math.floor(Math.log2(peers))) * secondsPerPiece
}

/** How near a swarm of equal peers came to that least time. */
export function efficiency(result: SwarmResult): number {
  const all = leechers(result)
  return (100 * leastSeconds(result, all.length)) / lastSeconds(all)
}

/** Bytes that the seeds sent until there was a full copy among the others, in copies. */
export function copiesByTheSeed({ seedBytesAtCopy = Number.NaN, plan }: SwarmResult): number {
  return seedBytesAtCopy / contentBytes(plan)
}

/** Part of all received bytes that was of no use. */
function wastePercent(result: SwarmResult): number {
  return (100 * result.hosts.reduce((sum, { wasted }) => sum + wasted, 0)) / result.bytes.received
}

export function waste(result: SwarmResult, atMost?: number): Figure {
  const aim = atMost === undefined ? undefined : { atMost }
  return { name: 'wasted bytes, of all received', value: wastePercent(result), unit: '%', aim }
}

/** Bytes of messages without blocks, against bytes of blocks. */
export function messages({ bytes }: SwarmResult): Figure {
  return {
    name: 'bytes of messages, against those of blocks',
    value: (100 * bytes.messages) / bytes.sent,
    unit: '%',
  }
}
