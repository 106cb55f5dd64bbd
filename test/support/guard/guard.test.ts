import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Child, run } from '../child.js'
import { without } from '../partners.js'
import { TempFolder } from '../temp-folder.js'
import { runTorrent } from '../torrent.js'
import { describeRefusal, guarded, readRefusals } from './refusals.js'

const ATTEMPTS = fileURLToPath(new URL('./attempts.js', import.meta.url))

/** What would leave the machine: the code of its error, and what is recorded. */
const REFUSED: readonly [attempt: string, code: string, what: string][] = [
  ['datagram', 'ENETUNREACH', 'a datagram to 192.0.2.1 port 9'],
  ['part of a datagram', 'ENETUNREACH', 'a datagram to 192.0.2.1 port 9'],
  ['datagram to a group', 'ENETUNREACH', 'a datagram to 239.192.152.143 port 9'],
  ['datagram over IPv6', 'ENETUNREACH', 'a datagram to 2001:db8::1 port 9'],
  ['datagram without a callback', 'ENETUNREACH', 'a datagram to 192.0.2.1 port 9'],
  ['connected datagrams', 'ENETUNREACH', 'datagrams to 192.0.2.1 port 9'],
  ['membership', 'ENODEV', 'a membership in the group 239.192.152.143'],
  ['connection', 'ENETUNREACH', 'a connection to 192.0.2.1 port 9'],
  ['connection over IPv6', 'ENETUNREACH', 'a connection to 2001:db8::1 port 9'],
  ['connection to a name', 'ENOTFOUND', 'the look-up of tracker.example'],
  ['connection by a look-up of its own', 'ENETUNREACH', 'a connection to 192.0.2.1 port 9'],
  ['connection with TLS', 'ENETUNREACH', 'a connection to 192.0.2.1 port 9'],
  ['fetch', 'ENETUNREACH', 'a connection to 192.0.2.1 port 8080'],
  ['look-up', 'ENOTFOUND', 'the look-up of tracker.example'],
  ['look-up by promise', 'ENOTFOUND', 'the look-up of tracker.example'],
  ['resolve', 'ENOTFOUND', 'the look-up of tracker.example'],
  ['resolve by promise', 'ENOTFOUND', 'the look-up of tracker.example'],
  ['resolver', 'ENOTFOUND', 'the look-up of tracker.example'],
  ['reverse', 'ENOTFOUND', 'the look-up of 192.0.2.1'],
  ['thread', 'ENETUNREACH', 'a connection to 192.0.2.1 port 9'],
]

/** What stays on the machine, with the outcome that the system has for it. */
const ALLOWED: readonly [attempt: string, outcome: RegExp][] = [
  ['datagrams on this machine', /^done$/],
  ['connection on this machine', /^ECONNREFUSED$/],
  // Not every machine has an address of this family.
  ['connection on this machine over IPv6', /^(ECONNREFUSED|EADDRNOTAVAIL|ENETUNREACH)$/],
  ['look-ups on this machine', /^done$/],
]

describe('the guard', () => {
  it('refuses what would leave the machine, in the program and in its threads, and records it', async () => {
    await using folder = new TempFolder()
    const record = folder.join('refusals')
    const env = { ...guarded(record), TORRENT_GUARD_TEST: fileURLToPath(import.meta.url) }
    const { stdout, stderr } = await run([process.execPath, ATTEMPTS], { env })
    const outcomes = new Map(stdout.split('\n').map(line => [line.split(': ')[0], line.split(': ')[1]]))
    for (const [attempt, code] of REFUSED) assert.equal(outcomes.get(attempt), code, `${attempt}\n${stderr}`)
    for (const [attempt, outcome] of ALLOWED) assert.match(outcomes.get(attempt) ?? '', outcome, attempt)
    assert.equal(outcomes.size, REFUSED.length + ALLOWED.length + 1, stdout)
    assert.deepEqual(
      readRefusals(record).map(({ what }) => what),
      REFUSED.map(([, , what]) => what),
    )
  })

  it('names the test, the process and the address', async () => {
    await using folder = new TempFolder()
    const record = folder.join('refusals')
    const env = { ...guarded(record), TORRENT_GUARD_TEST: fileURLToPath(import.meta.url) }
    await using child = new Child([process.execPath, ATTEMPTS], { env })
    await child.exit()
    const [first] = readRefusals(record)
    assert.equal(
      first && describeRefusal(first),
      `dist/test/support/guard/guard.test.js: a datagram to 192.0.2.1 port 9, by process ${child.pid}: node ${ATTEMPTS}`,
    )
  })

  it('lets a test have a network of its own', { skip: without('namespaces') }, async () => {
    await using folder = new TempFolder()
    const record = folder.join('refusals')
    const env = { ...guarded(record), TORRENT_GUARD_NETWORK: '239.0.0.0/8,2001:db8::/32' }
    // Where there is no network, nothing leaves.
    await run(['unshare', '--net', process.execPath, ATTEMPTS], { env })
    const refused = readRefusals(record).map(({ what }) => what)
    assert.deepEqual(
      refused,
      REFUSED.map(([, , what]) => what).filter(what => !/239\.192|2001:db8/.test(what)),
    )
  })

  it('is loaded before the program as users start it', async () => {
    await using folder = new TempFolder()
    const record = folder.join('refusals')
    const link = `magnet:?xt=urn:btih:${'ab'.repeat(20)}`
    const args = ['get', link, '--peer', '192.0.2.1:9', '--no-tracker', '--timeout', '1s', '-p', '0']
    const { story } = await runTorrent(args, { cwd: folder.path, env: guarded(record) })
    const refused = readRefusals(record).map(({ what }) => what)
    assert.ok(refused.includes('a connection to 192.0.2.1 port 9'), `${refused}\n${story}`)
  })
})
