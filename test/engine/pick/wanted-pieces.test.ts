import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bitfield } from '../../../src/base/bitfield.js'
import { WantedPieces } from '../../../src/engine/pick/wanted-pieces.js'

test('pieces that are not wanted are not lacking, and the torrent is done with all the others', () => {
  const have = new Bitfield(3)
  const wanted = new WantedPieces(have)
  wanted.setPriority(1, 0)
  assert.equal(wanted.countLacking(Bitfield.full(3)), 2)
  assert.equal(wanted.lackingCount, 2)
  assert.equal(wanted.lacks(1), false)
  wanted.verified(0)
  assert.equal(wanted.isDone, false)
  wanted.verified(2)
  assert.equal(wanted.isDone, true)
  assert.equal(have.isFull, false)
  wanted.setPriority(1, 4)
  assert.equal(wanted.isDone, false)
})

test('priorities that are given at the start are as if they had been set one by one', () => {
  const have = new Bitfield(4)
  have.add(0)
  const wanted = new WantedPieces(have, Uint8Array.of(4, 0, 7, 0))
  assert.equal(wanted.lackingCount, 1)
  assert.ok(wanted.lacks(2))
  wanted.verified(2)
  assert.ok(wanted.isDone)
  wanted.lost(0)
  assert.equal(wanted.isDone, false)
  wanted.lost(2)
  assert.equal(wanted.lackingCount, 2)
})

test('a lost piece that is not wanted leaves the torrent done', () => {
  const wanted = new WantedPieces(Bitfield.full(2), Uint8Array.of(0, 4))
  wanted.lost(0)
  assert.ok(wanted.isDone)
  assert.equal(wanted.have.has(0), false)
})
