// Run in a process of its own with --expose-gc: prints how many bytes each of many torrents takes that are only seeded.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { nodeDigests } from '../../../src/client/digests.js'
import { Session } from '../../../src/client/session.js'
import { parseMetainfo } from '../../../src/protocol/metainfo/parse.js'
import { makeManyTorrents } from '../../support/many-torrents.js'

const [, , folder = '', before = '0', more = '0'] = process.argv

await using session = await Session.open({ port: 0, bind: '127.0.0.1' })
const paths = await makeManyTorrents(folder, Number(before) + Number(more))

/** Bytes in use once the files of all torrents are closed: when more turns of the event loop free no more. */
async function settledBytes(): Promise<number> {
  for (let least = Number.POSITIVE_INFINITY; ; ) {
    for (let turn = 0; turn < 200; turn++) await new Promise(resolve => setImmediate(resolve))
    globalThis.gc?.()
    const { heapUsed, external } = process.memoryUsage()
    if (heapUsed + external >= least - 10_000) return heapUsed + external
    least = heapUsed + external
  }
}

async function seed(some: readonly string[]): Promise<number> {
  const tasks = await Promise.all(
    some.map(async path =>
      session.add(parseMetainfo(await readFile(path), nodeDigests), {
        dir: join(folder, 'data'),
        mode: 'seed',
        trackers: [],
      }),
    ),
  )
  while (tasks.some(task => task.status.state !== 'seeding'))
    await new Promise(resolve => setImmediate(resolve))
  // Their state has been saved once the gate lets the last one through.
  await session.stateGate.run(async () => {})
  return await settledBytes()
}

const few = await seed(paths.slice(0, Number(before)))
const many = await seed(paths.slice(Number(before)))
console.log(Math.round((many - few) / Number(more)))
