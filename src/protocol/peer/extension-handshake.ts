// BEP 10: the extension handshake. BEP 21: `upload_only`.

import { encodeBencode } from '../bencode/encode.js'
import { MESSAGE_LIMITS } from '../bencode/limits.js'
import { scanBencode } from '../bencode/scan.js'
import type { BencodeValue } from '../bencode/value.js'

/** Id of the handshake itself; others are agreed on by it. */
export const EXTENSION_HANDSHAKE_ID = 0

export interface ExtensionHandshake {
  /** Which extensions the sender understands, and under which ids it wants them; 0 takes back what it said before. */
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
const MAX_CLIENT_LENGTH = 64

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
 * Reads what can be read: a field of the wrong type or out of range counts as absent.
 * @throws {import('../bencode/bencode-error.js').BencodeError}
 */
export function decodeExtensionHandshake(payload: Uint8Array): ExtensionHandshake {
  const root = scanBencode(payload, MESSAGE_LIMITS)
  const extensions = new Map<string, number>()
  for (const [key, value] of (root.get('m')?.entries ?? []).slice(0, MAX_EXTENSIONS)) {
    const id = value.integer
    if (id !== undefined && id >= 0 && id < 256 && key.length <= 32)
      extensions.set(String.fromCharCode(...key), id)
  }
  const yourIp = root.get('yourip')?.string
  return {
    extensions,
    client: root.get('v')?.text?.slice(0, MAX_CLIENT_LENGTH),
    listenPort: integerWithin(root.get('p'), 1, 65_535),
    requestQueue: integerWithin(root.get('reqq'), 1, 2 ** 31),
    isUploadOnly: root.get('upload_only')?.integer === 1,
    prefersEncryption: root.get('e')?.integer === 1,
    metadataSize: integerWithin(root.get('metadata_size'), 1, 100 * 2 ** 20),
    yourIp: yourIp?.length === 4 || yourIp?.length === 16 ? yourIp.slice() : undefined,
  }
}

function integerWithin(value: BencodeValue | undefined, low: number, high: number): number | undefined {
  const integer = value?.integer
  return integer !== undefined && integer >= low && integer <= high ? integer : undefined
}
