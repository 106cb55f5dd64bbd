import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KnownWays } from '../../../src/client/net/known-ways.js'
import type { Transport } from '../../../src/client/net/transport.js'
import { allWays, type Way } from '../../../src/client/net/ways.js'
import { defined } from '../../defined.js'

const ALL = allWays([{ name: 'tcp' } as Transport, { name: 'udp' } as Transport], 'prefer')
const address = (port: number) => ({ host: '192.0.2.1', port })
const namesOf = (ways: readonly Way[]) =>
  ways.map(({ transport, encryption }) => `${transport.name} ${encryption}`)

function wayOf(name: string): Way {
  return defined(ALL.find(way => namesOf([way])[0] === name))
}

describe('the ways to an address', () => {
  it('are all of them, transport by transport, encrypted before plain', () => {
    const known = new KnownWays(ALL)
    assert.deepEqual(namesOf(known.to(address(1))), [
      'tcp encrypted',
      'tcp plain',
      'udp encrypted',
      'udp plain',
    ])
  })

  it('begin with the one that worked, and the others over its transport', () => {
    const known = new KnownWays(ALL)
    known.worked(address(1), wayOf('udp plain'))
    assert.deepEqual(namesOf(known.to(address(1))), [
      'udp plain',
      'udp encrypted',
      'tcp encrypted',
      'tcp plain',
    ])
    assert.deepEqual(known.to(address(2)), ALL)
  })

  it('are as at first once the first of all works, or the known one does no longer', () => {
    const known = new KnownWays(ALL)
    known.worked(address(1), wayOf('tcp plain'))
    known.refused(address(1), wayOf('tcp encrypted'))
    assert.equal(known.to(address(1))[0], wayOf('tcp plain'))
    known.refused(address(1), wayOf('tcp plain'))
    assert.deepEqual(known.to(address(1)), ALL)
    known.worked(address(1), wayOf('udp encrypted'))
    known.worked(address(1), wayOf('tcp encrypted'))
    assert.deepEqual(known.to(address(1)), ALL)
  })

  it('are remembered for the last two thousand addresses', () => {
    const known = new KnownWays(ALL)
    for (let port = 1; port <= 2_001; port++) known.worked(address(port), wayOf('tcp plain'))
    assert.deepEqual(known.to(address(1)), ALL)
    assert.equal(known.to(address(2))[0], wayOf('tcp plain'))
    assert.equal(known.to(address(2_001))[0], wayOf('tcp plain'))
  })
})
