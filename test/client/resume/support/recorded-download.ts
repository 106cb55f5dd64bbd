// Run in a process of its own: downloads a torrent from one peer, and ends once it is complete and synced.
import { readFile } from 'node:fs/promises'
import { nodeDigests } from '../../../../src/client/digests.js'
import { Session } from '../../../../src/client/session.js'
import { parseMetainfo } from '../../../../src/protocol/metainfo/parse.js'
import { Watch } from '../../support/watch.js'

const [, , torrent = '', dir = '', port = '', rate = ''] = process.argv

await using session = await Session.open({
  port: 0,
  bind: '127.0.0.1',
  limits: { down: Number(rate) },
  saveIntervalMs: 1,
})
const task = session.add(parseMetainfo(await readFile(torrent), nodeDigests), {
  dir,
  mode: 'get',
  useTrackers: false,
  peers: [{ host: '127.0.0.1', port: Number(port) }],
  sync: true,
})
const watch = new Watch(task)
await watch.until('complete')
console.log('complete')
await watch.until('seeding')
