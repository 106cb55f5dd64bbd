// `get.js TORRENT FOLDER PORT`: WebTorrent 3 as a plain client that downloads from one peer of this machine and ends.
// It is no dependency: `npm install --no-save --ignore-scripts webtorrent@3` brings it.
import { readFile } from 'node:fs/promises'
import { register } from 'node:module'

/** The few things that are used of it. */
interface WebTorrent {
  add(torrent: Uint8Array, options: object, onTorrent: (torrent: Torrent) => void): void
  on(event: 'error', listener: (error: Error) => void): void
  destroy(onDestroyed: () => void): void
}

interface Torrent {
  addPeer(address: string): void
  on(event: 'done', listener: () => void): void
  on(event: 'error', listener: (error: Error) => void): void
}

type WebTorrentModule = { readonly default: new (options: object) => WebTorrent }

// As text, so that the compiler does not look for it.
const PACKAGE: string = 'webtorrent'

/** Peers over WebRTC are not asked for: the native module behind them is replaced by nothing. */
register(new URL('without-webrtc.js', import.meta.url))

const [metainfo = '', folder = '', port = ''] = process.argv.slice(2)
const { default: Client }: WebTorrentModule = await import(PACKAGE)
const client = new Client({
  dht: false,
  lsd: false,
  tracker: false,
  utp: false,
  utPex: false,
  natUpnp: false,
  natPmp: false,
  webSeeds: false,
  // Encryption costs time, and no other client of the benchmark has it on.
  secure: 0,
})
client.on('error', fail)
client.add(await readFile(metainfo), { path: folder, announce: [] }, torrent => {
  torrent.on('error', fail)
  torrent.on('done', () => client.destroy(() => process.exit(0)))
  torrent.addPeer(`127.0.0.1:${port}`)
})

function fail(error: Error): never {
  console.error(error)
  process.exit(1)
}
