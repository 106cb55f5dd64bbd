import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bitfield } from '../../../../src/base/bitfield.js'
import { SeededRandom } from '../../../../src/base/random.js'
import { Availability } from '../../../../src/engine/pick/availability.js'
import { type ShownPeer, SuperSeeder } from '../../../../src/engine/upload/spreading/super-seeder.js'

const PIECES = 20
const PIECE_LENGTH = 1_000

class FakePeer implements ShownPeer {
  pieces = new Bitfield(PIECES)
  rateFromUs = 0
  /** The pieces that we announced to it. */
  readonly heard: number[] = []
  readonly link = { have: (piece: number) => void this.heard.push(piece) }

  get isSeed(): boolean {
    return this.pieces.isFull
  }

  /** The pieces that it was shown and lacks. */
  get lacking(): number[] {
    return this.heard.filter(piece => !this.pieces.has(piece))
  }
}

/** A super-seeder and its peers. */
class Crowd {
  readonly copies = new Availability(PIECES)
  readonly peers: FakePeer[]
  readonly seeder: SuperSeeder<FakePeer>

  constructor(count: number) {
    const map = { pieceCount: PIECES, pieceLength: PIECE_LENGTH }
    this.seeder = new SuperSeeder<FakePeer>(map, this.copies, new SeededRandom(5))
    this.peers = Array.from({ length: count }, () => new FakePeer())
    for (const peer of this.peers) this.seeder.onJoined(peer)
  }

  gets(peer: FakePeer, piece: number): void {
    if (!peer.pieces.add(piece)) return
    this.copies.change(piece, 1)
    this.seeder.onHave(peer, piece)
  }

  leaves(peer: FakePeer): void {
    this.copies.changeAll(peer.pieces, -1)
    this.seeder.onRemoved(peer)
  }
}

test('each peer is shown two pieces that no other is shown, and may request no others', () => {
  const crowd = new Crowd(3)
  const { seeder, peers } = crowd
  const shown = peers.flatMap(peer => peer.heard)
  assert.equal(new Set(shown).size, 6)
  const [first, second] = peers
  assert.ok(first!.heard.every(piece => seeder.shows(first!, piece)))
  assert.ok(second!.heard.every(piece => !seeder.shows(first!, piece)))
})

test('the next piece is shown when another peer has got one of them', () => {
  const crowd = new Crowd(2)
  const { peers } = crowd
  const [first, second] = peers
  const [piece = -1] = first!.heard
  crowd.gets(first!, piece)
  assert.equal(first!.heard.length, 2)
  crowd.gets(second!, piece)
  assert.equal(first!.heard.length, 3)
  assert.equal(second!.heard.length, 2, 'the piece was not shown to it')
})

test('a fast peer is shown more', () => {
  const crowd = new Crowd(2)
  const { peers } = crowd
  const [first, second] = peers
  first!.rateFromUs = 3 * PIECE_LENGTH
  const [piece = -1] = first!.heard
  crowd.gets(first!, piece)
  crowd.gets(second!, piece)
  assert.equal(first!.lacking.length, 6)
})

test('a single peer is shown more without uploading to others', () => {
  const crowd = new Crowd(1)
  const { peers } = crowd
  const [only] = peers
  while (only!.lacking.length > 0) for (const piece of only!.lacking) crowd.gets(only!, piece)
  assert.ok(only!.isSeed)
})

test('while slots are free, peers that have got all that they were shown are shown more', () => {
  const crowd = new Crowd(2)
  const { seeder, peers } = crowd
  const [first, second] = peers
  for (const piece of first!.lacking) crowd.gets(first!, piece)
  seeder.onSecond(false)
  assert.equal(first!.heard.length, 2)
  seeder.onSecond(true)
  assert.equal(first!.heard.length, 3)
  assert.equal(second!.heard.length, 2)
})

test('pieces that were shown to a peer that leaves are shown to others', () => {
  const crowd = new Crowd(PIECES / 2)
  const { peers } = crowd
  const [first, second] = peers
  const [piece = -1] = second!.heard
  crowd.leaves(first!)
  crowd.gets(second!, piece)
  crowd.gets(peers[2]!, piece)
  assert.ok(first!.heard.includes(second!.heard.at(-1)!))
})

test('super-seeding is not over while all peers that had a piece have left', () => {
  const crowd = new Crowd(2)
  const { seeder, peers } = crowd
  const [first, second] = peers
  for (let piece = 0; piece < PIECES - 1; piece++) crowd.gets(first!, piece)
  crowd.leaves(first!)
  crowd.gets(second!, PIECES - 1)
  assert.ok(!seeder.isOver)
})

test('super-seeding is over when other peers have every piece: all pieces are announced and may be requested', () => {
  const crowd = new Crowd(4)
  const { seeder, peers } = crowd
  for (let round = 0; round < PIECES && !seeder.isOver; round++) {
    for (const peer of peers) for (const piece of peer.lacking) crowd.gets(peer, piece)
    for (const peer of peers)
      for (const other of peers) for (const piece of other.pieces) crowd.gets(peer, piece)
  }
  assert.ok(seeder.isOver)
  const late = new FakePeer()
  seeder.onJoined(late)
  assert.ok(seeder.shows(late, 0))
  seeder.onSecond(false)
  assert.deepEqual(
    [...late.heard].sort((a, b) => a - b),
    Array.from({ length: PIECES }, (_, piece) => piece),
  )
})

test('super-seeding is over when another seeder comes', () => {
  const crowd = new Crowd(2)
  const { seeder } = crowd
  const seed = new FakePeer()
  seeder.onJoined(seed)
  seed.pieces = Bitfield.full(PIECES)
  seeder.onPieces(seed)
  assert.ok(seeder.isOver)
})
