import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toUtf8 } from '../../../src/base/bytes.js'
import { SeededRandom } from '../../../src/base/random.js'
import { nodeDigests } from '../../../src/client/digests.js'
import { encodeBencode } from '../../../src/protocol/bencode/encode.js'
import {
  decodeExtensionHandshake,
  encodeExtensionHandshake,
} from '../../../src/protocol/peer/extension-handshake.js'
import { allowedFastSet } from '../../../src/protocol/peer/fast-extension.js'
import { clientOfPeerId, isOurClient, makePeerId } from '../../../src/protocol/peer/peer-id.js'

test("the allowed-fast set is that of BEP 6's own example", () => {
  const infoHash = new Uint8Array(20).fill(0xaa)
  const pieces = allowedFastSet('80.4.4.200', infoHash, 1313, nodeDigests)
  assert.deepEqual(pieces.slice(0, 7), [1059, 431, 808, 1217, 287, 376, 1188])
  assert.deepEqual(pieces.slice(7, 9), [353, 508])
})

test('the allowed-fast set never names more pieces than there are, and none for IPv6', () => {
  assert.equal(new Set(allowedFastSet('1.2.3.4', new Uint8Array(20), 3, nodeDigests)).size, 3)
  assert.deepEqual(allowedFastSet('::1', new Uint8Array(20), 3, nodeDigests), [])
})

test('the extension handshake survives the wire', () => {
  const handshake = {
    extensions: new Map([['ut_pex', 1]]),
    client: 'torrent/1.2.3',
    listenPort: 6881,
    requestQueue: 500,
    isUploadOnly: true,
    prefersEncryption: true,
    metadataSize: undefined,
    yourIp: Uint8Array.of(1, 2, 3, 4),
  }
  assert.deepEqual(decodeExtensionHandshake(encodeExtensionHandshake(handshake)), handshake)
})

test('fields of an extension handshake that make no sense count as absent', () => {
  const payload = encodeBencode({
    m: { ut_pex: 700 },
    p: 70_000,
    reqq: -1,
    upload_only: 'yes',
    v: 5,
    yourip: 'abc',
  })
  assert.deepEqual(decodeExtensionHandshake(payload), {
    extensions: new Map(),
    client: undefined,
    listenPort: undefined,
    requestQueue: undefined,
    isUploadOnly: false,
    prefersEncryption: false,
    metadataSize: undefined,
    yourIp: undefined,
  })
})

test('an extension handshake may be odd in every other way', () => {
  const read = (text: string) => decodeExtensionHandshake(toUtf8(text))
  for (const text of ['', 'hello', 'le', 'i1e', 'd1:v']) assert.equal(read(text), undefined, text)
  assert.deepEqual(read('de')?.extensions, new Map())
  for (const text of ['d1:mlee', 'd1:m5:helloe', 'd1:mi1ee'])
    assert.deepEqual(read(text)?.extensions, new Map())
  const odd = read('d1:v1:x1:md6:ut_pex1:x11:upload_onlyi3e11:upload_onlyi4eee\r\n')
  assert.deepEqual([odd?.client, odd?.extensions], ['x', new Map([['upload_only', 3]])])
  assert.equal(read('d11:upload_onlyi2ee')?.isUploadOnly, true)
})

test('a peer id tells whether it is this client', () => {
  assert.ok(isOurClient(makePeerId('9.8.7', new SeededRandom(1))))
  assert.ok(!isOurClient(new TextEncoder().encode('-lt0D60-abcdefghijkl')))
})

test('a peer id names client and version', () => {
  const id = makePeerId('1.2.3', new SeededRandom(1))
  assert.equal(id.length, 20)
  assert.equal(clientOfPeerId(id), 'torrent 1.2.0.3')
  assert.equal(clientOfPeerId(Buffer.from('-qB4520-abcdefghijkl')), 'qBittorrent 4.5.2.0')
  assert.equal(clientOfPeerId(Buffer.from('A2-1-36-0-abcdefghij')), 'aria2 1.36')
  assert.equal(clientOfPeerId(new Uint8Array(20)), undefined)
})
