// Message stream encryption: what is derived from the shared secret S and from SKEY, the info hash.

import { concatBytes, toUtf8 } from '../../base/bytes.js'
import type { Digests } from '../digests.js'
import { Rc4 } from './rc4.js'

type Sha1 = Digests['sha1']

/** Ends the initiator's padding: HASH('req1', S), 20 bytes. */
export function synchronizationMark(sha1: Sha1, secret: Uint8Array): Uint8Array {
  return hash(sha1, 'req1', secret)
}

/** Identifies a torrent without naming its info hash: HASH('req2', SKEY), 20 bytes. */
export function torrentMark(sha1: Sha1, infoHash: Uint8Array): Uint8Array {
  return hash(sha1, 'req2', infoHash)
}

/** Hides the mark of a torrent from anybody that does not know S, and reveals it again: the xor with HASH('req3', S). */
export function maskTorrentMark(sha1: Sha1, secret: Uint8Array, mark: Uint8Array): Uint8Array {
  return hash(sha1, 'req3', secret).map((byte, i) => byte ^ (mark[i] ?? 0))
}

/** The ciphers of the two directions, as the initiator (`A`) and the responder (`B`) write them. */
export function streamCiphers(
  sha1: Sha1,
  secret: Uint8Array,
  infoHash: Uint8Array,
): { fromInitiator: Rc4; fromResponder: Rc4 } {
  return {
    fromInitiator: Rc4.pastTelltale(hash(sha1, 'keyA', secret, infoHash)),
    fromResponder: Rc4.pastTelltale(hash(sha1, 'keyB', secret, infoHash)),
  }
}

function hash(sha1: Sha1, name: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return sha1(concatBytes([toUtf8(name), ...parts]))
}
