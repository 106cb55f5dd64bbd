// BEP 5, 32, 33, 42, 43, 44, 51: messages of the DHT, read.

import { textStart } from '../../base/text-pieces.js'
import { BencodeError } from '../bencode/bencode-error.js'
import type { BencodeLimits } from '../bencode/limits.js'
import { scanBencode } from '../bencode/scan.js'
import type { BencodeValue } from '../bencode/value.js'
import { type AddressFamily, isPort } from '../peer-address.js'
import { FILTER_LENGTH } from './bloom-filter.js'
import { decodeStoredValue, decodeValue } from './decode-item.js'
import { type Answer, KrpcErrorCode, type KrpcMessage, type Query } from './messages.js'
import { NODE_ID_LENGTH } from './node-id.js'

/** Why a datagram is none of the messages. */
export type KrpcFault =
  | 'not-bencoded'
  | 'not-a-dictionary'
  /** `t` is missing, no string, empty or longer than 32 bytes. */
  | 'no-transaction'
  /** `y` is none of `q`, `r`, `e`, or what belongs to it is missing. */
  | 'no-type'
  /** A response without an id of 20 bytes. */
  | 'no-id'

/** A datagram cannot be larger; values are a `values` list of 2-byte strings at most, or a stored value. */
const LIMITS: BencodeLimits = { bytes: 65_536, depth: 32, values: 2_000 }
const MAX_TRANSACTION = 32
const MAX_TOKEN = 256
const MAX_VALUES = 256
const MAX_ERROR_TEXT = 64

const KEY_LENGTH = 32
const SIGNATURE_LENGTH = 64

/**
 * Reads one datagram, by the rule that `BencodeValue` states. Byte strings of a query are copies; those of a response are views of the
 * datagram.
 * @returns why it is dropped, where it is no message
 */
export function decodeKrpc(datagram: Uint8Array): KrpcMessage | KrpcFault {
  const root = rootOf(datagram)
  if (root === undefined) return 'not-bencoded'
  if (root.type !== 'dictionary') return 'not-a-dictionary'
  const transaction = stringWithin(root.get('t'), 1, MAX_TRANSACTION)?.slice()
  if (transaction === undefined) return 'no-transaction'
  switch (root.get('y')?.text) {
    case 'q':
      return queryIn(root, transaction)
    case 'r':
      return responseIn(root, transaction)
    case 'e':
      return errorIn(root, transaction)
    default:
      return 'no-type'
  }
}

function rootOf(datagram: Uint8Array): BencodeValue | undefined {
  try {
    return scanBencode(datagram, LIMITS)
  } catch (error) {
    if (!(error instanceof BencodeError)) throw error
    return undefined
  }
}

function queryIn(root: BencodeValue, transaction: Uint8Array): KrpcMessage | KrpcFault {
  const method = root.get('q')?.text
  if (method === undefined) return 'no-type'
  const bad = (code: number, message: string): KrpcMessage => ({
    type: 'bad-query',
    transaction,
    code,
    message,
  })
  const values = root.get('a')
  if (values?.type !== 'dictionary') return bad(KrpcErrorCode.protocol, 'no arguments')
  const id = idIn(values.get('id'))
  if (id === undefined) return bad(KrpcErrorCode.protocol, 'invalid id')
  const query = argumentsOf(method, values)
  if (query === undefined) return bad(KrpcErrorCode.methodUnknown, 'method unknown')
  if ('fault' in query) return bad(query.code, query.fault)
  return { type: 'query', transaction, id, isReadOnly: isSet(root.get('ro')), query }
}

/** Why a query is refused. */
interface QueryFault {
  readonly code: number
  readonly fault: string
}

/** Undefined for a method that is not known. */
function argumentsOf(method: string, values: BencodeValue): Query | QueryFault | undefined {
  switch (method) {
    case 'ping':
      return { type: method }
    case 'find_node':
    case 'sample_infohashes': {
      const target = idIn(values.get('target'))
      return target === undefined ? invalid('target') : { type: method, target, want: wantIn(values) }
    }
    case 'get_peers': {
      const infoHash = idIn(values.get('info_hash'))
      if (infoHash === undefined) return invalid('info_hash')
      const noSeeds = isSet(values.get('noseed'))
      return { type: method, infoHash, want: wantIn(values), noSeeds, isScrape: isSet(values.get('scrape')) }
    }
    case 'announce_peer':
      return announceIn(values)
    case 'get': {
      const target = idIn(values.get('target'))
      if (target === undefined) return invalid('target')
      return { type: method, target, want: wantIn(values), sequence: values.get('seq')?.integer }
    }
    case 'put':
      return putIn(values)
    default:
      return undefined
  }
}

function announceIn(values: BencodeValue): Query | QueryFault {
  const infoHash = idIn(values.get('info_hash'))
  if (infoHash === undefined) return invalid('info_hash')
  const token = tokenIn(values)
  if (token === undefined) return invalid('token')
  const isSeed = isSet(values.get('seed'))
  const stated = values.get('port')?.integer ?? 0
  const port = isPort(stated) ? stated : 0
  const isPortImplied = isSet(values.get('implied_port'))
  if (port === 0 && !isPortImplied) return invalid('port')
  return { type: 'announce_peer', infoHash, port, isPortImplied, token, isSeed }
}

function putIn(values: BencodeValue): Query | QueryFault {
  const token = tokenIn(values)
  if (token === undefined) return invalid('token')
  const item = decodeStoredValue(values)
  return 'fault' in item ? item : { type: 'put', token, item, expectedSequence: values.get('cas')?.integer }
}

function responseIn(root: BencodeValue, transaction: Uint8Array): KrpcMessage | KrpcFault {
  const values = root.get('r')
  if (values?.type !== 'dictionary') return 'no-type'
  const id = idIn(values.get('id'))
  if (id === undefined) return 'no-id'
  return { type: 'response', transaction, id, outsideHost: outsideHostIn(root), answer: answerIn(values) }
}

function answerIn(values: BencodeValue): Answer {
  return {
    nodes: values.get('nodes')?.string,
    nodes6: values.get('nodes6')?.string,
    token: tokenIn(values),
    values: stringsIn(values.get('values')),
    seedFilter: stringWithin(values.get('BFsd'), FILTER_LENGTH, FILTER_LENGTH),
    peerFilter: stringWithin(values.get('BFpe'), FILTER_LENGTH, FILTER_LENGTH),
    value: decodeValue(values),
    publicKey: stringWithin(values.get('k'), KEY_LENGTH, KEY_LENGTH),
    signature: stringWithin(values.get('sig'), SIGNATURE_LENGTH, SIGNATURE_LENGTH),
    sequence: values.get('seq')?.integer,
    samples: values.get('samples')?.string,
    interval: values.get('interval')?.integer,
    storedHashes: values.get('num')?.integer,
  }
}

/** An error without a code or a text is one all the same. */
function errorIn(root: BencodeValue, transaction: Uint8Array): KrpcMessage {
  const [code, text] = root.get('e')?.items ?? []
  const message = text?.string
  return {
    type: 'error',
    transaction,
    outsideHost: outsideHostIn(root),
    code: code?.integer ?? KrpcErrorCode.generic,
    message: message === undefined ? '' : textStart(message, MAX_ERROR_TEXT),
  }
}

/** The port behind it is of no use. */
function outsideHostIn(root: BencodeValue): Uint8Array | undefined {
  const compact = root.get('ip')?.string
  if (compact?.length === 6 || compact?.length === 18) return compact.subarray(0, -2)
  return compact?.length === 4 || compact?.length === 16 ? compact : undefined
}

/** Both are wanted where both are named; none, where none is: then it is the family of the datagram. */
function wantIn(values: BencodeValue): AddressFamily[] {
  const names = stringsIn(values.get('want'))?.map(name => String.fromCharCode(...name.subarray(0, 2))) ?? []
  const want: AddressFamily[] = []
  if (names.includes('n4')) want.push('ipv4')
  if (names.includes('n6')) want.push('ipv6')
  return want
}

/** The strings in a list, at most `MAX_VALUES`. */
function stringsIn(list: BencodeValue | undefined): Uint8Array[] | undefined {
  if (list?.type !== 'list') return undefined
  const strings: Uint8Array[] = []
  for (const { string } of list.children()) {
    if (strings.length === MAX_VALUES) break
    if (string !== undefined) strings.push(string)
  }
  return strings
}

function idIn(value: BencodeValue | undefined): Uint8Array | undefined {
  return stringWithin(value, NODE_ID_LENGTH, NODE_ID_LENGTH)?.slice()
}

function tokenIn(values: BencodeValue): Uint8Array | undefined {
  return stringWithin(values.get('token'), 1, MAX_TOKEN)
}

function stringWithin(value: BencodeValue | undefined, least: number, most: number): Uint8Array | undefined {
  const string = value?.string
  return string !== undefined && string.length >= least && string.length <= most ? string : undefined
}

/** Any integer but 0. */
function isSet(value: BencodeValue | undefined): boolean {
  return value?.type === 'integer' && value.integer !== 0
}

function invalid(key: string): QueryFault {
  return { code: KrpcErrorCode.protocol, fault: `invalid ${key}` }
}
