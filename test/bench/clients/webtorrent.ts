import { fileURLToPath } from 'node:url'
import type { GettingClient } from './client.js'
import { boundMs, MeasuredProcess } from './measured-process.js'

const PROGRAM = fileURLToPath(new URL('../webtorrent/get.js', import.meta.url))

/** WebTorrent 3 from npm, without the native modules that it can use. */
export const WEBTORRENT: GettingClient = {
  name: 'webtorrent',
  needs: ['webtorrent'],
  async get({ metainfo, bytes, folder }, into, port) {
    await using program = new MeasuredProcess([process.execPath, PROGRAM, metainfo, into, `${port}`], folder)
    return await program.end(boundMs(bytes))
  },
}
