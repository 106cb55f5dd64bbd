import { HASH_MESSAGE_LENGTH, readHashMessage } from './hash-messages.js'
import { MessageId, type PeerMessages } from './messages.js'

const KNOWN_IDS: ReadonlySet<number> = new Set(Object.values(MessageId))

export function isKnownMessage(id: number): boolean {
  return KNOWN_IDS.has(id)
}

/** Tells `sink` a whole message; its length was checked by `isLengthAllowed`. */
export function dispatchMessage(sink: PeerMessages, id: number, payload: Uint8Array): void {
  switch (id) {
    case MessageId.choke:
      sink.choke()
      break
    case MessageId.unchoke:
      sink.unchoke()
      break
    case MessageId.interested:
      sink.interested()
      break
    case MessageId.notInterested:
      sink.notInterested()
      break
    case MessageId.haveAll:
      sink.haveAll()
      break
    case MessageId.haveNone:
      sink.haveNone()
      break
    case MessageId.have:
      sink.have(uint32(payload, 0))
      break
    case MessageId.suggest:
      sink.suggest(uint32(payload, 0))
      break
    case MessageId.allowedFast:
      sink.allowedFast(uint32(payload, 0))
      break
    case MessageId.bitfield:
      sink.bitfield(payload)
      break
    case MessageId.request:
      sink.request(uint32(payload, 0), uint32(payload, 4), uint32(payload, 8))
      break
    case MessageId.cancel:
      sink.cancel(uint32(payload, 0), uint32(payload, 4), uint32(payload, 8))
      break
    case MessageId.reject:
      sink.reject(uint32(payload, 0), uint32(payload, 4), uint32(payload, 8))
      break
    case MessageId.port:
      sink.port(((payload[0] ?? 0) << 8) | (payload[1] ?? 0))
      break
    case MessageId.extended:
      sink.extended(payload[0] ?? 0, payload.subarray(1))
      break
    case MessageId.hashRequest:
      sink.hashRequest(readHashMessage(payload))
      break
    case MessageId.hashes:
      sink.hashes(readHashMessage(payload), payload.subarray(HASH_MESSAGE_LENGTH))
      break
    case MessageId.hashReject:
      sink.hashReject(readHashMessage(payload))
      break
  }
}

/** Four bytes, big-endian. */
export function uint32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)) >>>
    0
  )
}
