import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSourceAllowed } from '../../src/discovery/private-torrents.js'
import { type PeerSource, TRUST_RANK } from '../../src/protocol/peer-source.js'

const SOURCES = Object.keys(TRUST_RANK) as PeerSource[]

test('a private torrent has peers of its trackers, of the user, and those that connect to us (BEP 27)', () => {
  const allowed = (isPrivate: boolean) => SOURCES.filter(source => isSourceAllowed(source, { isPrivate }))
  assert.deepEqual(allowed(true).sort(), ['incoming', 'tracker', 'user'])
  assert.deepEqual(allowed(false), SOURCES)
})
