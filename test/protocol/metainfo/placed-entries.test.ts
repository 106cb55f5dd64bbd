import assert from 'node:assert/strict'
import { test } from 'node:test'
import { packLayout, unpackLayout } from '../../../src/client/disk/packed-layout.js'
import { PlacedEntries } from '../../../src/protocol/metainfo/placed-entries.js'
import { plainEntries } from '../../support/plain-entries.js'
import { type Dictionary, leaf, parsed, v1Folder, v2 } from './crafting.js'

const MANY = 70_000

const file = (...path: string[]): Dictionary => ({ length: 0, path })
const many = (offset = 0): Dictionary[] =>
  Array.from({ length: MANY }, (_, i) => file(`folder ${i % 300}`, `${i + offset}`))

test('many entries are read as few are: in their places, with their hashes, and none twice', () => {
  const sha256 = Buffer.alloc(32, 7)
  const odd: Dictionary[] = [
    { ...file('..', 'x'), sha256 },
    { attr: 'l', path: ['to x'], 'symlink path': ['..', '..', 'nowhere'] },
    { attr: 'l', path: ['to file'], 'symlink path': ['twice', 'a'] },
    file('twice', 'a'),
    file('twice', 'a'),
    { attr: 'xp', length: 100, path: ['.pad', '100'] },
    { ...file('run'), attr: 'x' },
    { attr: 'l', path: ['to folder'], 'symlink path': ['twice'] },
  ]
  const few = parsed(v1Folder(odd)).entries
  const { entries } = parsed(v1Folder([...odd, ...many()]))
  assert.ok(!(few instanceof PlacedEntries))
  assert.ok(entries instanceof PlacedEntries)
  assert.equal(entries.length, few.length + MANY)
  assert.deepEqual(plainEntries(entries).slice(0, few.length), plainEntries(few))
  assert.equal(entries.at(entries.length), undefined)
  assert.equal(entries.at(-1), undefined)
  assert.deepEqual(entries.at(few.length + 301)?.path, ['folder 1', '301'])
})

test('of a file tree they have their pieces roots', () => {
  const tree: Dictionary = {
    first: leaf(5),
    folder: Object.fromEntries(many().map((_, i) => [`${i}`, leaf(i % 2)])),
  }
  const { entries } = parsed(v2(tree))
  assert.ok(entries instanceof PlacedEntries)
  const [first, second, third] = plainEntries(entries)
  assert.ok(first?.type === 'file' && first.piecesRoot?.length === 32)
  assert.ok(second?.type === 'file' && second.piecesRoot === undefined)
  assert.ok(third?.type === 'file' && third.piecesRoot?.length === 32)
  assert.deepEqual([first.path, second.path, third.path], [['first'], ['folder', '0'], ['folder', '1']])
})

test('for workers they are packed', () => {
  const { version, name, isFolder, pieceLength, pieceCount, entries } = parsed(v1Folder(many(5)))
  const packed = packLayout({ version, name, isFolder, pieceLength, pieceCount, entries })
  assert.deepEqual(plainEntries(unpackLayout(packed).entries), plainEntries(entries))
})
