import type { Metainfo } from '../../../src/protocol/metainfo/metainfo.js'
import type { PeerEncoder } from '../../../src/protocol/peer/encoder.js'
import { ExtensionId } from '../../../src/protocol/peer/extension-ids.js'
import {
  decodeMetadataMessage,
  encodeMetadataMessage,
  METADATA_PIECE_LENGTH,
} from '../../../src/protocol/peer/metadata-message.js'
import { extensionHandshake } from '../../support/extension-handshake.js'
import { RawListener, type RawPeer } from './raw-peer.js'

/** Under which it wants messages of ut_metadata. */
const THEIR_ID = 9

export interface GiverOptions {
  /** It offers the metadata, and answers no request. */
  readonly isSilent?: boolean
  /** What it says of its pieces before it offers the metadata. Default: that it has none. */
  readonly opening?: (say: PeerEncoder) => void
}

type Given = Pick<Metainfo, 'infoHashV1' | 'infoHashV2' | 'infoBytes'>

/** Scripted peers that have the metadata of a torrent, and no block of it. */
export class MetadataGiver implements AsyncDisposable {
  readonly #listener: RawListener
  #count = 0

  private constructor(listener: RawListener) {
    this.#listener = listener
  }

  static async open(given: Given, options: GiverOptions = {}): Promise<MetadataGiver> {
    let giver: MetadataGiver | undefined
    const listener = await RawListener.open(1, peer => {
      if (giver !== undefined) giver.#count++
      void giveMetadata(peer, given, options)
    })
    giver = new MetadataGiver(listener)
    return giver
  }

  get address(): { host: string; port: number } {
    return this.#listener.address
  }

  /** Connections that have come. */
  get count(): number {
    return this.#count
  }

  async peer(index = 0): Promise<RawPeer> {
    return await this.#listener.peer(index)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener[Symbol.asyncDispose]()
  }
}

/** Offers and gives metadata until the connection ends, as one side of it. */
export async function giveMetadata(
  peer: RawPeer,
  { infoHashV1, infoHashV2, infoBytes }: Given,
  { isSilent, opening = say => say.haveNone() }: GiverOptions = {},
): Promise<void> {
  try {
    peer.sayHandshake(infoHashV1 ?? infoHashV2?.subarray(0, 20) ?? new Uint8Array(20))
    await peer.until(() => peer.theirs !== undefined)
    opening(peer.say)
    peer.say.extended(
      0,
      extensionHandshake({
        extensions: new Map([['ut_metadata', THEIR_ID]]),
        metadataSize: infoBytes.length,
      }),
    )
    for (let heard = 0; !isSilent; ) {
      await peer.until(() => peer.heard.length > heard)
      const [name, id, payload] = peer.heard[heard++] ?? []
      if (name !== 'extended' || id !== THEIR_ID || !(payload instanceof Uint8Array)) continue
      const message = decodeMetadataMessage(payload)
      if (message === undefined || message === 'unknown' || message.type !== 'request') continue
      const { piece } = message
      const start = piece * METADATA_PIECE_LENGTH
      const bytes = infoBytes.subarray(start, start + METADATA_PIECE_LENGTH)
      const data = encodeMetadataMessage({ type: 'data', piece, totalSize: infoBytes.length, bytes })
      peer.say.extended(ExtensionId.ut_metadata, data)
    }
  } catch {
    // Its connection has ended.
  }
}
