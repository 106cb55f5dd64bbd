import { randomBytes, randomInt } from 'node:crypto'
import type { SideOptions } from '../../protocol/encryption/agreement.js'
import { PRIVATE_KEY_LENGTH } from '../../protocol/encryption/diffie-hellman.js'
import { MAX_PADDING } from '../../protocol/encryption/field-reader.js'
import { Initiator } from '../../protocol/encryption/initiator.js'
import { Responder, type ResponderOptions } from '../../protocol/encryption/responder.js'
import { hostGroup } from '../../protocol/host-group.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import { nodeDigests } from '../digests.js'
import { type EncryptionMode, METHODS } from './encryption/encryption-mode.js'
import { IncomingStream } from './encryption/incoming-stream.js'
import { KeyExchanges } from './encryption/key-exchanges.js'
import { KnownWays } from './known-ways.js'
import { OutgoingStream } from './outgoing-stream.js'
import type { PeerStream, StreamListener } from './peer-stream.js'
import type { AcceptedStream, Transport } from './transport.js'
import { allWays } from './ways.js'

type FindTorrent = ResponderOptions['findTorrent']

/** Opens the streams of a session, over any of its transports, encrypted or not as it was asked for. */
export class PeerStreams {
  readonly #mode: EncryptionMode
  readonly #findTorrent: FindTorrent
  readonly #knownWays: KnownWays
  readonly #keyExchanges: KeyExchanges

  /**
   * @param transports in the order in which they are tried
   * @param now milliseconds from any beginning
   * @param findTorrent the info hash that has a mark, among those that incoming peers may ask for
   */
  constructor(
    mode: EncryptionMode,
    transports: readonly Transport[],
    now: () => number,
    findTorrent: FindTorrent,
  ) {
    this.#keyExchanges = new KeyExchanges(now)
    this.#mode = mode
    this.#knownWays = new KnownWays(allWays(transports, mode))
    this.#findTorrent = findTorrent
  }

  /**
   * Begins a connection; `connected` or `closed` tells how it went.
   * @param infoHash the one that will be named
   */
  connect(remote: PeerAddress, infoHash: Uint8Array, listener: StreamListener): PeerStream {
    const ways = this.#knownWays.to(remote)
    const [first] = ways
    if (first.encryption === 'plain' && ways.length === 1) return first.transport.connect(remote, listener)
    return new OutgoingStream(listener, {
      remote,
      ways,
      makeInitiator: initial => new Initiator({ ...sideOptions(this.#mode), infoHash, initial }),
      onOutcome: (way, outcome) => this.#knownWays[outcome](remote, way),
    })
  }

  /** Takes over a connection that a peer began. */
  accept(accepted: AcceptedStream, listener: StreamListener): PeerStream {
    const mode = this.#mode
    if (mode === 'off') return accepted.open(listener)
    return new IncomingStream(listener, {
      open: listener => accepted.open(listener),
      makeResponder: () => new Responder({ ...sideOptions(mode), findTorrent: this.#findTorrent }),
      askForKeyExchange: goOn => this.#keyExchanges.ask(hostGroup(accepted.remote.host), goOn),
      mayBePlain: mode === 'prefer',
    })
  }
}

function sideOptions(mode: EncryptionMode): SideOptions {
  return {
    sha1: nodeDigests.sha1,
    privateKey: randomBytes(PRIVATE_KEY_LENGTH),
    padding: randomBytes(randomInt(MAX_PADDING + 1)),
    methods: METHODS[mode],
  }
}
