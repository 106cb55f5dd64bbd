import { randomBytes, randomInt } from 'node:crypto'
import type net from 'node:net'
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
import { OutgoingStream } from './encryption/outgoing-stream.js'
import { PlainPeers } from './encryption/plain-peers.js'
import { PeerSocket } from './peer-socket.js'
import type { PeerStream, SocketListener } from './peer-stream.js'

type FindTorrent = ResponderOptions['findTorrent']

/** Opens the streams of a session, encrypted or not as it was asked for. */
export class PeerStreams {
  readonly #mode: EncryptionMode
  readonly #bind: string | undefined
  readonly #findTorrent: FindTorrent
  readonly #plainPeers = new PlainPeers()
  readonly #keyExchanges: KeyExchanges

  /**
   * @param bind the local address for all connections
   * @param now milliseconds from any beginning
   * @param findTorrent the info hash that has a mark, among those that incoming peers may ask for
   */
  constructor(mode: EncryptionMode, bind: string | undefined, now: () => number, findTorrent: FindTorrent) {
    this.#keyExchanges = new KeyExchanges(now)
    this.#mode = mode
    this.#bind = bind
    this.#findTorrent = findTorrent
  }

  /**
   * Begins a connection; `connected` or `closed` tells how it went.
   * @param infoHash the one that will be named
   */
  connect(remote: PeerAddress, infoHash: Uint8Array, listener: SocketListener): PeerStream {
    const open = (listener: SocketListener) => PeerSocket.connect(remote, this.#bind, listener)
    const mode = this.#mode
    if (mode === 'off') return open(listener)
    return new OutgoingStream(listener, {
      remote,
      open,
      makeInitiator: initial => new Initiator({ ...sideOptions(mode), infoHash, initial }),
      way: mode === 'prefer' && this.#plainPeers.has(remote) ? 'plain' : 'encrypted',
      mayBePlain: mode === 'prefer',
      onPlain: outcome => {
        if (outcome === 'worked') this.#plainPeers.add(remote)
        else this.#plainPeers.delete(remote)
      },
    })
  }

  /** Takes over a connection that the listener accepted. */
  accept(socket: net.Socket, remote: PeerAddress, listener: SocketListener): PeerStream {
    const open = (listener: SocketListener) => PeerSocket.accept(socket, remote, listener)
    const mode = this.#mode
    if (mode === 'off') return open(listener)
    return new IncomingStream(listener, {
      open,
      makeResponder: () => new Responder({ ...sideOptions(mode), findTorrent: this.#findTorrent }),
      askForKeyExchange: goOn => this.#keyExchanges.ask(hostGroup(remote.host), goOn),
      mayBePlain: mode === 'prefer',
    })
  }
}

function sideOptions(mode: Exclude<EncryptionMode, 'off'>): SideOptions {
  return {
    sha1: nodeDigests.sha1,
    privateKey: randomBytes(PRIVATE_KEY_LENGTH),
    padding: randomBytes(randomInt(MAX_PADDING + 1)),
    methods: METHODS[mode],
  }
}
