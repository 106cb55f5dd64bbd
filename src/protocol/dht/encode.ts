// BEP 5, 32, 33, 42, 43, 44, 51: messages of the DHT, written.

import { type BencodeInput, Encoded, encodeBencode } from '../bencode/encode.js'
import { type AddressFamily, encodeCompact, type PeerAddress } from '../peer-address.js'
import type { Answer, Query, StoredValue } from './messages.js'

/** The keys beside the query itself. */
export interface QueryFrame {
  readonly transaction: Uint8Array
  /** Of the sender. */
  readonly id: Uint8Array
  /** BEP 43 */
  readonly isReadOnly: boolean
  /** `v`: client and version (BEP 20), four bytes. */
  readonly version: Uint8Array | undefined
}

/** The keys beside an answer or an error. */
export interface ReplyFrame {
  readonly transaction: Uint8Array
  readonly version: Uint8Array | undefined
  /** The node that asked, which is told its address (BEP 42). */
  readonly to: PeerAddress
}

type Dictionary = { readonly [key: string]: BencodeInput | undefined }

export function encodeQuery({ transaction, id, isReadOnly, version }: QueryFrame, query: Query): Uint8Array {
  return encodeBencode({
    a: { id, ...argumentsOf(query) },
    q: query.type,
    ro: isReadOnly ? 1 : undefined,
    t: transaction,
    v: version,
    y: 'q',
  })
}

/** @param id of the sender */
export function encodeResponse(
  { transaction, version, to }: ReplyFrame,
  id: Uint8Array,
  answer: Answer,
): Uint8Array {
  return encodeBencode({
    ip: encodeCompact(to),
    r: {
      id,
      BFpe: answer.peerFilter,
      BFsd: answer.seedFilter,
      interval: answer.interval,
      k: answer.publicKey,
      nodes: answer.nodes,
      nodes6: answer.nodes6,
      num: answer.storedHashes,
      samples: answer.samples,
      seq: answer.sequence,
      sig: answer.signature,
      token: answer.token,
      v: answer.value && new Encoded(answer.value),
      values: answer.values,
    },
    t: transaction,
    v: version,
    y: 'r',
  })
}

/** @param message for people */
export function encodeError(
  { transaction, version, to }: ReplyFrame,
  code: number,
  message: string,
): Uint8Array {
  return encodeBencode({ e: [code, message], ip: encodeCompact(to), t: transaction, v: version, y: 'e' })
}

function argumentsOf(query: Query): Dictionary {
  switch (query.type) {
    case 'ping':
      return {}
    case 'find_node':
    case 'sample_infohashes':
      return { target: query.target, want: wantOf(query.want) }
    case 'get_peers':
      return {
        info_hash: query.infoHash,
        noseed: query.noSeeds ? 1 : undefined,
        scrape: query.isScrape ? 1 : undefined,
        want: wantOf(query.want),
      }
    case 'announce_peer':
      return {
        implied_port: query.isPortImplied ? 1 : undefined,
        info_hash: query.infoHash,
        port: query.port,
        seed: query.isSeed ? 1 : undefined,
        token: query.token,
      }
    case 'get':
      return { target: query.target, seq: query.sequence, want: wantOf(query.want) }
    case 'put':
      return { cas: query.expectedSequence, token: query.token, ...itemArguments(query.item) }
  }
}

function itemArguments(item: StoredValue): Dictionary {
  if (item.type === 'immutable') return { v: new Encoded(item.value) }
  return {
    k: item.publicKey,
    salt: item.salt.length > 0 ? item.salt : undefined,
    seq: item.sequence,
    sig: item.signature,
    v: new Encoded(item.value),
  }
}

/** Absent where nothing is asked for: then it is the family of the datagram. */
function wantOf(want: readonly AddressFamily[]): readonly string[] | undefined {
  return want.length === 0 ? undefined : want.map(family => (family === 'ipv4' ? 'n4' : 'n6'))
}
