import type { CryptoMethod } from '../../../protocol/encryption/crypto-method.js'
import type { AnnouncedEncryption } from '../../../protocol/tracker/announce-request.js'

/**
 * `prefer`: connections begin encrypted where the peer can do that. `require`: they do, and all that follows is encrypted,
 * too. `off`: never.
 */
export type EncryptionMode = 'prefer' | 'require' | 'off'

/**
 * What may follow the encrypted handshake, the best first. Plaintext is enough to get past what looks for the handshake of
 * BitTorrent, and costs nothing; who wants more offers RC4 alone, as most clients do, and gets it.
 */
export const METHODS: Readonly<Record<EncryptionMode, readonly CryptoMethod[]>> = {
  prefer: ['plaintext', 'rc4'],
  require: ['rc4'],
  off: [],
}

/** What trackers are told. */
export const ANNOUNCED: Readonly<Record<EncryptionMode, AnnouncedEncryption | undefined>> = {
  prefer: 'supported',
  require: 'required',
  off: undefined,
}
