import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inOneGo } from '../../../src/base/steps.js'
import { nodeDigests } from '../../../src/client/digests.js'
import { Deferred, encodeBencode, encodeBencodeInSteps } from '../../../src/protocol/bencode/encode.js'
import { buildMetainfoInSteps } from '../../../src/protocol/metainfo/build.js'
import { parseMetainfo } from '../../../src/protocol/metainfo/parse.js'
import { planContent } from '../../support/in-one-go.js'

/** Some ten milliseconds of hashing. */
const MAX_HASHES_A_STEP = 8_192

test('the tree over very many pieces is made in steps', () => {
  const pieceCount = 2 ** 16
  const pieceLength = 2 ** 14
  const plan = planContent({
    name: 'huge',
    isFolder: false,
    version: 'v2',
    pieceLength,
    files: [{ type: 'file', path: ['huge'], length: pieceCount * pieceLength, isExecutable: false }],
  })
  let hashes = 0
  const digests = {
    ...nodeDigests,
    sha256: (bytes: Uint8Array) => {
      hashes++
      return nodeDigests.sha256(bytes)
    },
  }
  const pieceRoots = new Uint8Array(pieceCount * 32)
  const steps = buildMetainfoInSteps(plan, { pieceRoots }, { trackers: [], webSeeds: [], nodes: [] }, digests)
  for (;;) {
    const step = steps.next()
    assert.ok(hashes <= MAX_HASHES_A_STEP, `${hashes} hashes in one step`)
    hashes = 0
    if (!step.done) continue
    assert.equal(parseMetainfo(step.value, nodeDigests).pieceCount, pieceCount)
    return
  }
})

test('a long list is written in steps', () => {
  let made = 0
  const list = Array.from({ length: 10_000 }, (_, i) => new Deferred(() => [made++ && i]))
  const steps = encodeBencodeInSteps({ list, map: new Map([['key', list.slice(0, 100)]]) })
  for (let step = steps.next(); !step.done; step = steps.next()) {
    assert.ok(made <= 500, `${made} values in one step`)
    made = 0
  }
  const plain = { list: list.map((_, i) => [i]), map: { key: list.slice(0, 100).map((_, i) => [i]) } }
  made = 1
  assert.deepEqual(inOneGo(encodeBencodeInSteps({ list })), encodeBencode({ list: plain.list }))
})
