import { BoundedSet } from '../../base/bounded-map.js'
import { hostGroup } from '../../protocol/host-group.js'
import type { ExtensionHandshake } from '../../protocol/peer/extension-handshake.js'
import type { ExtensionName } from '../../protocol/peer/extension-ids.js'
import type { PeerMessages } from '../../protocol/peer/messages.js'
import { Allowance } from '../allowance.js'
import type { Candidate } from '../connect/candidates.js'
import type { ConnectedPeer } from '../connected-peer.js'
import { newContributor, type PeerContributor } from '../download/contributor.js'
import type { PeerIntroduction } from '../introduction.js'
import {
  EXTENSION_HANDSHAKE_MS,
  FRUITLESS_REQUEST_MS,
  MAX_ALLOWED_FAST,
  MAX_EXTENSION_HANDSHAKES,
  MAX_FRUITLESS_REQUESTS,
} from '../limits.js'
import type { CloseReason, PeerLink } from '../world.js'
import { type AnnouncedMemory, AnnouncedPieces, type RepeatedMessage } from './announced-pieces.js'

/** The torrent as its peers see it before its metainfo is here. */
export interface MetadataPeerOwner {
  readonly now: number
  readonly extensions: { onMessage(peer: MetadataPeer, id: number, payload: Uint8Array): void }
  /** For the pieces that peers announce. */
  readonly announcedMemory: AnnouncedMemory
  dropPeer(peer: MetadataPeer, reason: CloseReason, detail: string): void
}

/**
 * The other end of a connection while the number of pieces is not known. Only its extended messages count, and no blocks are requested
 * from it; what else it says that matters later is kept until the metainfo is here.
 */
export class MetadataPeer implements PeerMessages, ConnectedPeer {
  readonly introduction: PeerIntroduction
  readonly link: PeerLink
  readonly group: string
  readonly connectedAt: number
  contributor: PeerContributor
  candidate: Candidate | undefined
  wasUseful = false
  client: string | undefined
  readonly extensionHandshakes = new Allowance(MAX_EXTENSION_HANDSHAKES, EXTENSION_HANDSHAKE_MS)
  readonly extensionIds = new Map<ExtensionName, number>()
  /** The size of the metadata as it states it, in bytes; undefined while it has none to send. */
  metadataSize: number | undefined
  /** Requested pieces of the metadata that it has not answered, the oldest first, with the time of the request in ms. */
  readonly askedPieces = new Map<number, number>()
  /** When it was asked whether it has metadata although it states none; at first, when it came. */
  probedAt: number
  /** It leaves requests unanswered. */
  isStalled = false
  /** Its extension handshakes as one, but for the extensions, which are in `extensionIds`. */
  handshake: ExtensionHandshake | undefined
  /** The pieces that it has announced. */
  readonly announced: AnnouncedPieces
  readonly #torrent: MetadataPeerOwner
  #isChoking = true
  #isInterested = false
  readonly #allowedFast = new BoundedSet<number>(MAX_ALLOWED_FAST)
  readonly #fruitlessRequests = new Allowance(MAX_FRUITLESS_REQUESTS, FRUITLESS_REQUEST_MS)

  constructor(
    torrent: MetadataPeerOwner,
    introduction: PeerIntroduction,
    candidate: Candidate | undefined,
    now: number,
  ) {
    this.#torrent = torrent
    this.introduction = introduction
    this.link = introduction.link
    this.group = hostGroup(introduction.address.host)
    this.candidate = candidate
    this.contributor = candidate?.contributor ?? newContributor(introduction.address)
    this.connectedAt = now
    this.probedAt = now
    this.announced = new AnnouncedPieces(torrent.announcedMemory)
  }

  get isBusy(): boolean {
    return this.metadataSize !== undefined && this.askedPieces.size > 0 && !this.isStalled
  }

  get isOfInterest(): boolean {
    return this.metadataSize !== undefined
  }

  /** Whether to reject its request for metadata, which we lack; false where there were too many: then it is dropped. */
  mayBeRefused(): boolean {
    return this.#fruitlessRequests.take(this.#torrent.now)
  }

  /** The messages that have brought it to where it is, where its announcements fit a torrent of that many pieces. */
  *messages(pieceCount: number): Iterable<RepeatedMessage> {
    yield* this.announced.messages(pieceCount)
    for (const piece of this.#allowedFast) yield peer => peer.allowedFast(piece)
    if (this.#isInterested) yield peer => peer.interested()
    if (!this.#isChoking) yield peer => peer.unchoke()
  }

  /** Ends the connection. */
  drop(reason: CloseReason, detail: string): void {
    this.#torrent.dropPeer(this, reason, detail)
  }

  extended(id: number, payload: Uint8Array): void {
    this.#torrent.extensions.onMessage(this, id, payload)
  }

  /** We announced no pieces. */
  request(): void {
    this.drop('protocol-error', 'requests a block although we announced none')
  }

  choke(): void {
    this.#isChoking = true
  }

  unchoke(): void {
    this.#isChoking = false
  }

  interested(): void {
    this.#isInterested = true
  }

  notInterested(): void {
    this.#isInterested = false
  }

  have(piece: number): void {
    this.announced.have(piece)
  }

  bitfield(bits: Uint8Array): void {
    this.announced.bitfield(bits)
  }

  haveAll(): void {
    this.announced.haveAll()
  }

  haveNone(): void {
    this.announced.haveNone()
  }

  allowedFast(piece: number): void {
    this.#allowedFast.add(piece)
  }

  keepAlive(): void {}
  cancel(): void {}
  port(): void {}
  suggest(): void {}
  reject(): void {}
  hashRequest(): void {}
  hashes(): void {}
  hashReject(): void {}
}
