import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { MESSAGE_LIMITS } from '../../../src/protocol/bencode/limits.js'
import { scanBencode } from '../../../src/protocol/bencode/scan.js'
import { announceUrl } from '../../../src/protocol/tracker/announce-request.js'
import {
  type AnnounceSuccess,
  decodeAnnounceResponse,
} from '../../../src/protocol/tracker/announce-response.js'
import { leecher } from '../../discovery/fake-tracker.js'
import { within } from '../../support/deadline.js'
import { BOUNDS } from './bounds.js'
import { MANY_HOSTS } from './hosts.js'
import { waitedForProcessor } from './scheduling.js'
import type { Victim } from './victim.js'

export const ANNOUNCES = 41
/** No announce may take longer, whatever else the machine does. */
const PATIENCE_MS = 20_000

export interface HonestAnnounce {
  readonly port: number
  /** The source address. */
  readonly from: string | undefined
  /** 20 characters. */
  readonly swarm: string
  readonly peerPort: number
}

/** Announces as most clients do, on a connection of its own; fails where it is refused. */
export async function announceHonestly({
  port,
  from,
  swarm,
  peerPort,
}: HonestAnnounce): Promise<AnnounceSuccess> {
  const infoHash = new TextEncoder().encode(swarm)
  const peerId = new TextEncoder().encode(`-TT0001-${String(peerPort).padStart(12, '0')}`)
  const { pathname, search } = new URL(
    announceUrl('http://h/announce', leecher({ infoHash, peerId, port: peerPort })),
  )
  const socket = connect({ port, host: '127.0.0.1', ...(from !== undefined && { localAddress: from }) })
  socket.setNoDelay(true)
  socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`)
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  const body = bytes.subarray(bytes.indexOf('\r\n\r\n') + 4)
  assert.ok(scanBencode(body, MESSAGE_LIMITS).type === 'dictionary')
  const response = decodeAnnounceResponse(body)
  assert.ok(response.type === 'success', response.type === 'failure' ? response.reason : '')
  return response
}

/**
 * New clients announce one after the other, each from an address that is not the attacker's and to a swarm of its own:
 * all announces are taken, and half of them are answered within the bound, counted from the connection, without the time in
 * which this machine was busy with other programs.
 */
export async function assertAnnouncesServed({ port, process: { child } }: Victim): Promise<void> {
  const notOurs = () => waitedForProcessor(child.pid) + waitedForProcessor(process.pid)
  const times: number[] = []
  for (let i = 0; i < ANNOUNCES; i++) {
    const since = performance.now() - notOurs()
    const from = MANY_HOSTS[i % MANY_HOSTS.length]
    const swarm = `honest${String(i).padStart(14, '0')}`
    await within(PATIENCE_MS, 'an announce', announceHonestly({ port, from, swarm, peerPort: 2000 + i }))
    times.push(performance.now() - notOurs() - since)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  const median = times.sort((a, b) => a - b)[ANNOUNCES >> 1] ?? 0
  assert.ok(
    median <= BOUNDS.announceMs,
    `half of the honest announces waited ${Math.round(median)} ms or more`,
  )
}
