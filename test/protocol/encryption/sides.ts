import { createHash } from 'node:crypto'
import { concatBytes, equalBytes } from '../../../src/base/bytes.js'
import { type Random, SeededRandom } from '../../../src/base/random.js'
import type { Agreement, HandshakeProgress } from '../../../src/protocol/encryption/agreement.js'
import type { CryptoMethod } from '../../../src/protocol/encryption/crypto-method.js'
import { Initiator, type InitiatorOptions } from '../../../src/protocol/encryption/initiator.js'
import { Responder, type ResponderOptions } from '../../../src/protocol/encryption/responder.js'
import { torrentMark } from '../../../src/protocol/encryption/stream-keys.js'

export const INFO_HASH = new Uint8Array(20).fill(0xab)
/** As long as the handshake of BEP 3. */
export const INITIAL = new Uint8Array(68).map((_, i) => i)
export const BOTH: readonly CryptoMethod[] = ['plaintext', 'rc4']

export const sha1 = (bytes: Uint8Array): Uint8Array => createHash('sha1').update(bytes).digest()

export function randomBytes(random: Random, length: number): Uint8Array {
  return new Uint8Array(length).map(() => random.below(256))
}

export function initiator(seed: number, changes: Partial<InitiatorOptions> = {}): Initiator {
  const random = new SeededRandom(seed)
  return new Initiator({
    sha1,
    privateKey: randomBytes(random, 20),
    padding: randomBytes(random, random.below(513)),
    methods: BOTH,
    infoHash: INFO_HASH,
    initial: INITIAL,
    ...changes,
  })
}

export function responder(seed: number, changes: Partial<ResponderOptions> = {}): Responder {
  const random = new SeededRandom(seed + 1_000_000)
  return new Responder({
    sha1,
    privateKey: randomBytes(random, 20),
    padding: randomBytes(random, random.below(513)),
    methods: BOTH,
    findTorrent: mark => (equalBytes(mark, torrentMark(sha1, INFO_HASH)) ? INFO_HASH : undefined),
    ...changes,
  })
}

/** A side that takes bytes in parts and keeps what it was not told to use. */
export class Fed {
  agreement: Agreement | undefined
  /** What came behind the handshake. */
  rest: Uint8Array = new Uint8Array(0)
  readonly #side: { push(bytes: Uint8Array): HandshakeProgress }

  constructor(side: { push(bytes: Uint8Array): HandshakeProgress }) {
    this.#side = side
  }

  /** Feeds parts of the lengths that are asked for; returns what it says. */
  feed(bytes: Uint8Array, partLength: () => number): Uint8Array {
    const said: Uint8Array[] = []
    for (let at = 0; at < bytes.length; ) {
      if (this.agreement !== undefined) {
        this.rest = concatBytes([this.rest, bytes.subarray(at)])
        break
      }
      const part = bytes.subarray(at, at + partLength())
      at += part.length
      const progress = this.#side.push(part)
      said.push(progress.send)
      if (progress.type === 'unfinished') continue
      this.agreement = progress.agreement
      this.rest = part.slice(progress.used)
    }
    return concatBytes(said)
  }
}
