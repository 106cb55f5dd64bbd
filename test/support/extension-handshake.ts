import {
  type ExtensionHandshake,
  encodeExtensionHandshake,
} from '../../src/protocol/peer/extension-handshake.js'

/** The payload of an extension handshake (BEP 10) that says nothing but `facts`. */
export function extensionHandshake(facts: Partial<ExtensionHandshake>): Uint8Array {
  return encodeExtensionHandshake({
    extensions: new Map(),
    client: undefined,
    listenPort: undefined,
    requestQueue: undefined,
    isUploadOnly: false,
    prefersEncryption: false,
    metadataSize: undefined,
    yourIp: undefined,
    ...facts,
  })
}
