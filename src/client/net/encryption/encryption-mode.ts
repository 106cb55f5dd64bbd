import type { CryptoMethod } from '../../../protocol/encryption/crypto-method.js'
import type { AnnouncedEncryption } from '../../../protocol/tracker/announce-request.js'

/**
 * `prefer`: connections begin encrypted where the peer can do that. `require`: they do, and all that follows is encrypted,
 * too. `off`: never.
 */
export type EncryptionMode = 'prefer' | 'require' | 'off'

/**
 * The methods that may follow the encrypted handshake, the best first. Plaintext is enough to pass filters that look for the
 * BitTorrent handshake, and costs nothing. A peer that offers RC4 alone, as most clients do, gets RC4.
 */
export const METHODS: Readonly<Record<EncryptionMode, readonly CryptoMethod[]>> = {
  prefer: ['plaintext', 'rc4'],
  require: ['rc4'],
  off: [],
}

/** The values announced to trackers. */
export const ANNOUNCED: Readonly<Record<EncryptionMode, AnnouncedEncryption | undefined>> = {
  prefer: 'supported',
  require: 'required',
  off: undefined,
}
