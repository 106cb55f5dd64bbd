import { freePort } from '../../support/ports.js'
import { onePeerTracker } from '../loads/one-peer-tracker.js'
import type { CheckingClient, GettingClient } from './client.js'
import { boundMs, MeasuredProcess } from './measured-process.js'

/** No other way to find peers, nothing from the user's settings, and what makes it fast here. */
const OPTIONS = [
  '--no-conf',
  '--quiet',
  '--disable-ipv6=true',
  '--enable-dht=false',
  '--enable-dht6=false',
  '--bt-enable-lpd=false',
  '--enable-peer-exchange=false',
  '--file-allocation=none',
  '--disk-cache=64M',
  '--bt-request-peer-speed-limit=0',
  '--interface=127.0.0.1',
  '--summary-interval=0',
  '--seed-time=0',
]

/** aria2 opens all files of a torrent at once, unless told how many. */
const MAX_OPEN_FILES = 100

/** aria2 1.36. It cannot be told of a peer: a tracker of the benchmark's tells it. */
export const ARIA2: GettingClient & CheckingClient = {
  name: 'aria2',
  needs: ['aria2', 'python'],
  async get({ metainfo, bytes, folder }, into, port) {
    await using tracker = await onePeerTracker(port)
    const own = [
      `--listen-port=${await freePort('127.0.0.1')}`,
      `--bt-tracker=${tracker.url}`,
      `--dir=${into}`,
    ]
    await using program = new MeasuredProcess(
      ['aria2c', ...OPTIONS, `--bt-max-open-files=${MAX_OPEN_FILES}`, ...own, metainfo],
      folder,
    )
    return await program.end(boundMs(bytes))
  },
  async check({ metainfo, data, bytes, folder }) {
    const own = [`--listen-port=${await freePort('127.0.0.1')}`, '--bt-hash-check-seed=false']
    await using program = new MeasuredProcess(
      ['aria2c', ...OPTIONS, ...own, '--check-integrity=true', `--dir=${data}`, metainfo],
      folder,
    )
    return await program.end(boundMs(bytes))
  },
}
