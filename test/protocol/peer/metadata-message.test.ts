import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { concatBytes, toUtf8 } from '../../../src/base/bytes.js'
import {
  decodeMetadataMessage,
  encodeMetadataMessage,
  type MetadataMessage,
} from '../../../src/protocol/peer/metadata-message.js'

const BYTES = Uint8Array.of(1, 2, 3)

describe('a message of ut_metadata', () => {
  it('is written as BEP 9 has it', () => {
    const texts = (message: MetadataMessage) => Buffer.from(encodeMetadataMessage(message)).toString('latin1')
    assert.equal(texts({ type: 'request', piece: 0 }), 'd8:msg_typei0e5:piecei0ee')
    assert.equal(texts({ type: 'reject', piece: 7 }), 'd8:msg_typei2e5:piecei7ee')
    assert.equal(
      texts({ type: 'data', piece: 0, totalSize: 34_256, bytes: toUtf8('xxxx') }),
      'd8:msg_typei1e5:piecei0e10:total_sizei34256eexxxx',
    )
  })

  it('is read as it was written, data in place behind the dictionary', () => {
    const messages: MetadataMessage[] = [
      { type: 'request', piece: 3 },
      { type: 'data', piece: 3, totalSize: 50_000, bytes: BYTES },
      { type: 'reject', piece: 3 },
    ]
    for (const message of messages)
      assert.deepEqual(decodeMetadataMessage(encodeMetadataMessage(message)), message)
  })

  it('of a type that is not known is unknown, whatever else it says', () => {
    for (const text of ['d8:msg_typei3ee', 'd8:msg_typei-1e5:piecei0ee'])
      assert.equal(decodeMetadataMessage(toUtf8(text)), 'unknown')
  })

  it('is none without a type, a piece or, for data, a size', () => {
    const texts = [
      '',
      'x',
      'le',
      'd5:piecei0ee',
      'd8:msg_typei0ee',
      'd8:msg_typei0e5:piecei-1ee',
      'd8:msg_typei1e5:piecei0ee',
      'd8:msg_typei1e5:piecei0e10:total_sizei-1ee',
    ]
    for (const text of texts) assert.equal(decodeMetadataMessage(toUtf8(text)), undefined, text)
  })

  it('may have anything behind it where it is no data', () => {
    const payload = concatBytes([encodeMetadataMessage({ type: 'request', piece: 1 }), BYTES])
    assert.deepEqual(decodeMetadataMessage(payload), { type: 'request', piece: 1 })
  })
})
