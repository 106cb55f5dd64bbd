// BEP 10: the extension handshake. BEP 21: `upload_only`.

import { textStart } from '../../base/text-pieces.js'
import { BencodeError } from '../bencode/bencode-error.js'
import { encodeBencode } from '../bencode/encode.js'
import { MESSAGE_LIMITS } from '../bencode/limits.js'
import { scanBencode } from '../bencode/scan.js'
import type { BencodeValue } from '../bencode/value.js'

/** Id of the handshake itself; others are agreed on by it. */
export const EXTENSION_HANDSHAKE_ID = 0

export interface ExtensionHandshake {
  /** The extensions that the sender supports, with the ids it expects for them; 0 turns off one of an earlier handshake. */
  readonly extensions: ReadonlyMap<string, number>
  /** Client and version, for people. */
  readonly client: string | undefined
  /** Port on which the sender listens. */
  readonly listenPort: number | undefined
  /** Requests the sender keeps waiting; more are dropped. */
  readonly requestQueue: number | undefined
  /** BEP 21: wants no more pieces. */
  readonly isUploadOnly: boolean
  /** Wants its connections encrypted. */
  readonly prefersEncryption: boolean
  /** Bytes of the `info` dictionary (BEP 9). */
  readonly metadataSize: number | undefined
  /** Our own address as the sender sees it, 4 or 16 bytes. */
  readonly yourIp: Uint8Array | undefined
}

const MAX_EXTENSIONS = 64
const MAX_NAME_LENGTH = 32
const MAX_CLIENT_BYTES = 64

export function encodeExtensionHandshake(handshake: ExtensionHandshake): Uint8Array {
  return encodeBencode({
    m: new Map([...handshake.extensions]),
    v: handshake.client,
    p: handshake.listenPort,
    reqq: handshake.requestQueue,
    upload_only: handshake.isUploadOnly ? 1 : 0,
    e: handshake.prefersEncryption ? 1 : undefined,
    metadata_size: handshake.metadataSize,
    yourip: handshake.yourIp,
  })
}

/**
 * Reads what can be read, by the rule that `BencodeValue` states.
 * @returns undefined where there is no dictionary
 */
export function decodeExtensionHandshake(payload: Uint8Array): ExtensionHandshake | undefined {
  const root = rootOf(payload)
  if (root?.type !== 'dictionary') return undefined
  const yourIp = root.get('yourip')?.string
  return {
    extensions: extensionsOf(root.get('m')),
    client: clientIn(root.get('v')?.string),
    listenPort: integerWithin(root.get('p'), 1, 65_535),
    requestQueue: integerWithin(root.get('reqq'), 1, 2 ** 31),
    isUploadOnly: isSet(root.get('upload_only')),
    prefersEncryption: isSet(root.get('e')),
    metadataSize: integerWithin(root.get('metadata_size'), 1, 100 * 2 ** 20),
    yourIp: yourIp?.length === 4 || yourIp?.length === 16 ? yourIp.slice() : undefined,
  }
}

function rootOf(payload: Uint8Array): BencodeValue | undefined {
  try {
    return scanBencode(payload, MESSAGE_LIMITS)
  } catch (error) {
    if (!(error instanceof BencodeError)) throw error
    return undefined
  }
}

/** Of a name that is there twice, the first id counts. */
function extensionsOf(names: BencodeValue | undefined): Map<string, number> {
  const extensions = new Map<string, number>()
  for (const [key, value] of names?.pairs() ?? []) {
    if (extensions.size === MAX_EXTENSIONS) break
    const id = integerWithin(value, 0, 255)
    if (id === undefined || key.length > MAX_NAME_LENGTH) continue
    const name = String.fromCharCode(...key)
    if (!extensions.has(name)) extensions.set(name, id)
  }
  return extensions
}

/** Any integer but 0. */
function isSet(value: BencodeValue | undefined): boolean {
  return value?.type === 'integer' && value.integer !== 0
}

function integerWithin(value: BencodeValue | undefined, low: number, high: number): number | undefined {
  const integer = value?.integer
  return integer !== undefined && integer >= low && integer <= high ? integer : undefined
}

/** A text of its own: a part of a longer one would keep all of that. */
function clientIn(bytes: Uint8Array | undefined): string | undefined {
  return bytes && textStart(bytes, MAX_CLIENT_BYTES)
}
