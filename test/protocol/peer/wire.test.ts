import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type DecoderOwner, PeerDecoder, SKIP, WAIT, WireError } from '../../../src/protocol/peer/decoder.js'
import { PeerEncoder, writeBlockHeader } from '../../../src/protocol/peer/encoder.js'
import { encodeHandshake, type Handshake } from '../../../src/protocol/peer/handshake.js'
import { BLOCK_HEADER_LENGTH, type PeerMessages } from '../../../src/protocol/peer/messages.js'

const PIECES = 100

type Heard = [name: string, ...values: unknown[]]

/** Writes down everything it is told, bytes copied. */
function recorder(heard: Heard[]): PeerMessages {
  return new Proxy({} as PeerMessages, {
    get:
      (_, name: string) =>
      (...values: unknown[]) =>
        heard.push([name, ...values.map(value => (value instanceof Uint8Array ? value.slice() : value))]),
  })
}

class Owner implements DecoderOwner {
  readonly heard: Heard[] = []
  readonly memory = new Uint8Array(16_384)
  answer = 0
  handshakes: Handshake[] = []

  handshake(handshake: Handshake) {
    this.handshakes.push(handshake)
    return { messages: recorder(this.heard), pieceCount: PIECES }
  }

  beginBlock(): number {
    return this.answer
  }

  blockBytes(bytes: Uint8Array, at: number): void {
    this.memory.set(bytes, at)
  }

  endBlock(piece: number, offset: number, length: number): void {
    this.heard.push(['block', piece, offset, this.memory.slice(0, length)])
  }
}

const handshake: Handshake = {
  infoHash: new Uint8Array(20).fill(1),
  peerId: new Uint8Array(20).fill(2),
  features: { fast: true, extensions: true, v2: false },
}

function connected(): { owner: Owner; decoder: PeerDecoder } {
  const owner = new Owner()
  const decoder = new PeerDecoder(owner)
  decoder.push(encodeHandshake(handshake))
  return { owner, decoder }
}

function blockHeader(piece: number, offset: number, length: number): Uint8Array {
  const header = new Uint8Array(BLOCK_HEADER_LENGTH)
  writeBlockHeader(new DataView(header.buffer), 0, piece, offset, length)
  return header
}

const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const hashMessage = fc.record(
  { piecesRoot: bytes(32), baseLayer: uint32, index: uint32, length: uint32, proofLayers: uint32 },
  { noNullPrototype: true },
)

type Said = [name: keyof PeerMessages, ...values: unknown[]]

const message: fc.Arbitrary<Said> = fc.oneof(
  fc.constantFrom<Said>(
    ['keepAlive'],
    ['choke'],
    ['unchoke'],
    ['interested'],
    ['notInterested'],
    ['haveAll'],
    ['haveNone'],
  ),
  fc.tuple(fc.constantFrom('have' as const, 'suggest' as const, 'allowedFast' as const), uint32),
  fc.tuple(fc.constantFrom('request' as const, 'cancel' as const, 'reject' as const), uint32, uint32, uint32),
  fc.tuple(fc.constant('bitfield' as const), bytes(Math.ceil(PIECES / 8))),
  fc.tuple(fc.constant('port' as const), fc.integer({ min: 0, max: 65_535 })),
  fc.tuple(
    fc.constant('extended' as const),
    fc.integer({ min: 0, max: 255 }),
    fc.uint8Array({ minLength: 1, maxLength: 20_000 }),
  ),
  fc.tuple(fc.constantFrom('hashRequest' as const, 'hashReject' as const), hashMessage),
  fc.tuple(
    fc.constant('hashes' as const),
    hashMessage,
    fc.integer({ min: 0, max: 20 }).chain(n => bytes(32 * n)),
  ),
)

function say(encoder: PeerEncoder, [name, ...values]: Said): void {
  const method = encoder[name] as (...values: unknown[]) => void
  method.apply(encoder, values)
}

test('what the encoder says, the decoder hears, however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 20 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 600 })),
      (said, cuts) => {
        const encoder = new PeerEncoder(() => {})
        for (const one of said) say(encoder, one)
        // The byte behind a last keep-alive is what ends it.
        encoder.choke()
        const stream = encoder.take()
        const { owner, decoder } = connected()
        for (let at = 0; at < stream.length; ) {
          const cut = cuts.next().value
          decoder.push(stream.slice(at, at + cut))
          at += cut
        }
        assert.deepEqual(owner.heard, [...said, ['choke']])
      },
    ),
  )
})

test('blocks are copied to their place, between other messages, however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 16_384 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 20_000 }),
      (blocks, cut) => {
        const encoder = new PeerEncoder(() => {})
        const parts: Uint8Array[] = []
        blocks.forEach((block, piece) => {
          encoder.have(piece)
          parts.push(encoder.take(), blockHeader(piece, 16_384, block.length), block)
        })
        const stream = Buffer.concat(parts)
        const { owner, decoder } = connected()
        for (let at = 0; at < stream.length; at += cut) decoder.push(stream.subarray(at, at + cut))
        assert.deepEqual(
          owner.heard,
          blocks.flatMap((block, piece) => [
            ['have', piece],
            ['block', piece, 16_384, block],
          ]),
        )
      },
    ),
  )
})

test('a block that has no room holds back all that follows until there is some', () => {
  const { owner, decoder } = connected()
  const encoder = new PeerEncoder(() => {})
  const block = Uint8Array.of(1, 2, 3, 4)
  encoder.have(9)
  owner.answer = WAIT
  const arriving = Buffer.concat([blockHeader(3, 0, 4), block, encoder.take()])
  decoder.push(arriving)
  // The socket's buffer is used again, for another connection.
  arriving.fill(0xff)
  assert.equal(decoder.isWaiting, true)
  assert.deepEqual(owner.heard, [])
  decoder.resume()
  assert.equal(decoder.isWaiting, true)
  owner.answer = 8
  decoder.resume()
  assert.equal(decoder.isWaiting, false)
  assert.deepEqual(owner.heard, [
    ['block', 3, 0, new Uint8Array(4)],
    ['have', 9],
  ])
  assert.deepEqual(owner.memory.slice(8, 12), block)
})

test('a block that is not wanted is skipped, byte for byte', () => {
  const { owner, decoder } = connected()
  const encoder = new PeerEncoder(() => {})
  encoder.have(9)
  owner.answer = SKIP
  decoder.push(Buffer.concat([blockHeader(3, 0, 16_384), new Uint8Array(16_384).fill(5), encoder.take()]))
  assert.deepEqual(owner.heard, [['have', 9]])
  assert.ok(owner.memory.every(byte => byte === 0))
})

test('the block that is arriving is known, so that it can be given up', () => {
  const { decoder } = connected()
  decoder.push(blockHeader(7, 16_384, 100))
  assert.deepEqual(decoder.openBlock, { piece: 7, offset: 16_384, length: 100 })
  decoder.push(new Uint8Array(100))
  assert.equal(decoder.openBlock, undefined)
})

test('of a block that is given up the rest is skipped, and what follows is heard', () => {
  const { owner, decoder } = connected()
  const encoder = new PeerEncoder(() => {})
  decoder.push(blockHeader(7, 0, 100))
  decoder.push(new Uint8Array(40).fill(1))
  decoder.skipBlock()
  assert.equal(decoder.openBlock, undefined)
  encoder.have(9)
  decoder.push(Buffer.concat([new Uint8Array(60).fill(2), encoder.take()]))
  assert.deepEqual(owner.heard, [['have', 9]])
  assert.ok(!owner.memory.includes(2))
})

test('the handshake tells info hash, peer id and features, and nonsense ends at its first byte', () => {
  const { owner } = connected()
  assert.deepEqual(owner.handshakes, [handshake])
  const stranger = new PeerDecoder(new Owner())
  assert.throws(() => stranger.push(Buffer.from('G')), { name: 'WireError', code: 'bad-handshake' })
})

test('after close nothing is delivered, not even what came in the same bytes', () => {
  const { owner, decoder } = connected()
  decoder.close()
  const encoder = new PeerEncoder(() => {})
  encoder.choke()
  decoder.push(encoder.take())
  assert.deepEqual(owner.heard, [])
})

const WRONG_LENGTHS: [name: string, id: number, length: number][] = [
  ['choke with a payload', 0, 2],
  ['have without a piece', 4, 1],
  ['bitfield one byte short', 5, Math.ceil(PIECES / 8)],
  ['bitfield one byte long', 5, 2 + Math.ceil(PIECES / 8)],
  ['request cut short', 6, 12],
  ['piece without a block', 7, 9],
  ['piece with more than a block', 7, 9 + 16_385],
  ['port of three bytes', 9, 4],
  ['extended without an id', 20, 1],
  ['extended of a gigabyte', 20, 2 ** 30],
  ['hash request cut short', 21, 48],
  ['hashes of half a hash', 22, 49 + 16],
  ['hashes without end', 22, 49 + 32 * 100_000],
  ['an unknown message of 4 GiB', 99, 2 ** 32 - 1],
]

for (const [name, id, length] of WRONG_LENGTHS) {
  test(`refused on its first five bytes: ${name}`, () => {
    const { decoder } = connected()
    const header = new Uint8Array(5)
    new DataView(header.buffer).setUint32(0, length)
    header[4] = id
    assert.throws(() => decoder.push(header), {
      name: 'WireError',
      code: 'bad-length',
      facts: { id, length },
    })
  })
}

test('messages of unknown ids are skipped', () => {
  const { owner, decoder } = connected()
  decoder.push(Uint8Array.of(0, 0, 0, 4, 99, 1, 2, 3, 0, 0, 0, 1, 99, 0, 0, 0, 1, 0))
  assert.deepEqual(owner.heard, [['choke']])
})

test('any bytes are decoded or refused with a WireError', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 10 }), chunks => {
      const { owner, decoder } = connected()
      owner.answer = SKIP
      try {
        for (const chunk of chunks) decoder.push(chunk)
      } catch (error) {
        assert.ok(error instanceof WireError)
      }
    }),
  )
})
