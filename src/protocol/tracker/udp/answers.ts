// BEP 15: reading what a UDP tracker answers.

import { type AddressFamily, decodeCompactList, type PeerAddress } from '../../peer-address.js'
import { MAX_PEERS } from '../announce-response.js'
import { noticeText } from '../message-error.js'
import type { ScrapedSwarm } from '../scrape-response.js'
import { ACTION, type ConnectionId } from './requests.js'

export type UdpAnswer =
  | { readonly type: 'connected'; readonly connectionId: ConnectionId }
  | {
      readonly type: 'announced'
      /** Seconds; undefined where the tracker says nonsense. */
      readonly interval: number | undefined
      readonly leechers: number | undefined
      readonly seeders: number | undefined
      /** At most `MAX_PEERS`; those that take no connections are left out. */
      readonly peers: readonly PeerAddress[]
    }
  /** In the order in which they were asked for. */
  | { readonly type: 'scraped'; readonly swarms: readonly ScrapedSwarm[] }
  /** The tracker refuses. `reason` is one line, made safe to show. */
  | { readonly type: 'refused'; readonly reason: string }

const HEADER_LENGTH = 8
const CONNECTED_LENGTH = 16
const ANNOUNCED_LENGTH = 20
const SCRAPED_LENGTH = 12

/** The transaction that an answer belongs to; undefined where it is too short to have one. */
export function transactionIdOf(datagram: Uint8Array): number | undefined {
  return datagram.length < HEADER_LENGTH ? undefined : viewOf(datagram).getUint32(4)
}

/**
 * Reads a datagram from a tracker; undefined for what is none of its answers, or is too short for the one that it begins as. As the
 * BEP asks, it may be longer than it needs to be: what is left behind the last whole address or swarm is ignored.
 * @param family of the address that it came from: it decides how long the addresses of peers are
 */
export function decodeUdpAnswer(datagram: Uint8Array, family: AddressFamily): UdpAnswer | undefined {
  if (datagram.length < HEADER_LENGTH) return undefined
  const view = viewOf(datagram)
  switch (view.getUint32(0)) {
    case ACTION.connect:
      if (datagram.length < CONNECTED_LENGTH) return undefined
      return { type: 'connected', connectionId: datagram.slice(HEADER_LENGTH, CONNECTED_LENGTH) }
    case ACTION.announce:
      if (datagram.length < ANNOUNCED_LENGTH) return undefined
      return {
        type: 'announced',
        interval: counted(view, 8) || undefined,
        leechers: counted(view, 12),
        seeders: counted(view, 16),
        peers: decodeCompactList(datagram.subarray(ANNOUNCED_LENGTH), family, MAX_PEERS),
      }
    case ACTION.scrape:
      return { type: 'scraped', swarms: swarmsOf(view) }
    case ACTION.error:
      return { type: 'refused', reason: noticeText(datagram.subarray(HEADER_LENGTH)) }
    default:
      return undefined
  }
}

function swarmsOf(view: DataView): ScrapedSwarm[] {
  const swarms: ScrapedSwarm[] = []
  for (let at = HEADER_LENGTH; at + SCRAPED_LENGTH <= view.byteLength; at += SCRAPED_LENGTH) {
    swarms.push({
      seeders: counted(view, at),
      downloads: counted(view, at + 4),
      leechers: counted(view, at + 8),
    })
  }
  return swarms
}

/** A number that is not negative; the BEP's integers have a sign. */
function counted(view: DataView, at: number): number | undefined {
  const count = view.getInt32(at)
  return count >= 0 ? count : undefined
}

function viewOf(datagram: Uint8Array): DataView {
  return new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength)
}
