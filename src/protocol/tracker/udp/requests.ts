// BEP 15: what a client sends to a UDP tracker.

import { concatBytes } from '../../../base/bytes.js'
import type { AnnounceEvent, AnnounceRequest } from '../announce-request.js'
import { encodeUrlData } from './url-data.js'

/** Opaque: 8 bytes that a tracker gave. */
export type ConnectionId = Uint8Array

export const ACTION = { connect: 0, announce: 1, scrape: 2, error: 3 } as const

/** Tells a connect request from other datagrams. */
const PROTOCOL_ID = Uint8Array.of(0, 0, 4, 0x17, 0x27, 0x10, 0x19, 0x80)

const HEADER_LENGTH = 16
const ANNOUNCE_LENGTH = 98
const INFO_HASH_LENGTH = 20

/** The tracker chooses how many peers to give. */
const NUMWANT_DEFAULT = -1

/** The events that the BEP has; `paused` (BEP 21) is an announce without an event here. */
const EVENT_NUMBERS: Readonly<Record<AnnounceEvent, number>> = {
  completed: 1,
  started: 2,
  stopped: 3,
  paused: 0,
}

/** The most info hashes of one scrape. */
const MAX_SCRAPED = 74

/** 16 bytes. `transactionId` has 32 bits. */
export function encodeConnect(transactionId: number): Uint8Array {
  return header(PROTOCOL_ID, ACTION.connect, transactionId)
}

/**
 * 98 bytes, and the options of BEP 41 behind them. The address is left to the tracker to see.
 * @param urlData path and query of the tracker's URL
 */
export function encodeAnnounce(
  connectionId: ConnectionId,
  transactionId: number,
  request: AnnounceRequest,
  urlData: string,
): Uint8Array {
  const body = new Uint8Array(ANNOUNCE_LENGTH - HEADER_LENGTH)
  const view = new DataView(body.buffer)
  body.set(request.infoHash.subarray(0, INFO_HASH_LENGTH), 0)
  body.set(request.peerId.subarray(0, INFO_HASH_LENGTH), 20)
  view.setBigUint64(40, BigInt(request.downloaded))
  view.setBigUint64(48, BigInt(request.left))
  view.setBigUint64(56, BigInt(request.uploaded))
  view.setUint32(64, request.event === undefined ? 0 : EVENT_NUMBERS[request.event])
  view.setUint32(72, request.key ?? 0)
  view.setInt32(76, request.numwant ?? NUMWANT_DEFAULT)
  view.setUint16(80, request.port)
  return concatBytes([header(connectionId, ACTION.announce, transactionId), body, encodeUrlData(urlData)])
}

/** @param infoHashes 20 bytes each, at most `MAX_SCRAPED` of them */
export function encodeScrape(
  connectionId: ConnectionId,
  transactionId: number,
  infoHashes: readonly Uint8Array[],
): Uint8Array {
  return concatBytes([
    header(connectionId, ACTION.scrape, transactionId),
    ...infoHashes.slice(0, MAX_SCRAPED),
  ])
}

function header(start: Uint8Array, action: number, transactionId: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_LENGTH)
  const view = new DataView(bytes.buffer)
  bytes.set(start)
  view.setUint32(8, action)
  view.setUint32(12, transactionId)
  return bytes
}
