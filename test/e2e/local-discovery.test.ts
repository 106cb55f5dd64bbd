import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Child } from '../support/child.js'
import { digestTree, writeRandomFile } from '../support/content.js'
import { EventLog } from '../support/event-log.js'
import { infoOf } from '../support/info.js'
import { LocalNetwork, type Machine, withoutLocalNetwork } from '../support/local-network.js'
import { TempFolder } from '../support/temp-folder.js'
import { type TorrentProcess, torrent } from '../support/torrent.js'
import { make } from './local-peers.js'

const BYTES = 2 * 2 ** 20
const LISTENER = fileURLToPath(new URL('../support/local-listener.js', import.meta.url))

/** `torrent` on a machine of the network, with nothing but local discovery to find peers. */
function onMachine({ prefix }: Machine, ...args: readonly string[]): TorrentProcess {
  const env = { TORRENT_NO_LSD: undefined }
  return torrent([...args, '--json', '--no-tracker', '--no-pex'], { prefix, env })
}

/** Content in `<folder>/data`, and its torrent. */
async function publish(folder: TempFolder, name = 'content', ...more: readonly string[]): Promise<string> {
  const content = folder.join('data', name)
  await writeRandomFile(content, BYTES, name.length)
  return await make(content, folder.join(`${name}.torrent`), ...more)
}

describe('local discovery', { skip: withoutLocalNetwork() }, () => {
  for (const family of ['ipv4', 'ipv6'] as const) {
    it(`two machines in one network find each other over ${family} alone, with no tracker`, async () => {
      await using folder = new TempFolder()
      const metainfo = await publish(folder)
      await using network = await LocalNetwork.create(2)
      const [one, other] = [network.machine(0), network.machine(1)]
      await using seeder = onMachine(one, 'seed', metainfo, '-d', folder.join('data'), '--bind', one[family])
      await seeder.waitFor('seeding')
      const into = folder.join('got')
      await using leecher = onMachine(other, 'get', metainfo, '-d', into, '--exit', '--bind', other[family])
      await leecher.waitFor('complete')
      assert.equal((await leecher.exit()).code, 0)
      assert.deepEqual(await digestTree(into), await digestTree(folder.join('data')))
    })
  }

  it('a swarm of ten completes through it', async () => {
    await using folder = new TempFolder()
    const metainfo = await publish(folder)
    await using network = await LocalNetwork.create(10)
    const [first, ...others] = network.machines
    assert.ok(first)
    await using seeder = onMachine(first, 'seed', metainfo, '-d', folder.join('data'))
    await seeder.waitFor('seeding')
    const leechers = others.map((machine, number) =>
      onMachine(machine, 'get', metainfo, '-d', folder.join(`got-${number}`)),
    )
    try {
      await Promise.all(
        leechers.map(leecher => leecher.waitFor('complete', undefined, { withinMs: 180_000 })),
      )
    } finally {
      await Promise.all(leechers.map(leecher => leecher[Symbol.asyncDispose]()))
    }
    const expected = await digestTree(folder.join('data'))
    for (const number of others.keys())
      assert.deepEqual(await digestTree(folder.join(`got-${number}`)), expected)
  })

  it('a private torrent is not announced, and one beside it is', async () => {
    await using folder = new TempFolder()
    const open = await publish(folder, 'open')
    const secret = await publish(folder, 'private', '--private', '-t', 'http://127.0.0.1:9/announce')
    await using network = await LocalNetwork.create(2)
    const [one, other] = [network.machine(0), network.machine(1)]
    const heard = new EventLog<string>()
    await using listener = new Child([...other.prefix, process.execPath, LISTENER, other.ipv4], {
      onLine: line => heard.push(line),
    })
    listener.exited.then(
      () => heard.end(new Error(listener.explain('the listener has ended'))),
      () => {},
    )
    await heard.waitFor('the listener', line => line === 'ready')
    await using seeder = onMachine(one, 'seed', secret, open, '-d', folder.join('data'))
    await seeder.waitFor('seeding')
    const announced = await heard.waitFor('an announce', line => line !== 'ready')
    const { infoHashV1, infoHashV2 } = await infoOf(open)
    assert.deepEqual(announced.split(' ').sort(), [infoHashV1, infoHashV2?.slice(0, 40)].sort())
  })
})
