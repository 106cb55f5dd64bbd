import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { Child } from '../../support/child.js'
import { poll } from '../../support/deadline.js'
import type { Network } from '../../support/network.js'
import { TempFolder } from '../../support/temp-folder.js'

const RPC_PORT = 9091
const PEER_PORT = 51413
/** HTTP status of the first answer. */
const NEW_SESSION = 409
const FIELDS = ['id', 'status', 'percentDone', 'error', 'errorString', 'corruptEver', 'peersConnected']
/** Values of a torrent's `status`; once it seeds it has all its data. */
const DOWNLOADING = 4
const SEEDING = 6

const ENCRYPTION = { tolerated: 0, preferred: 1, required: 2 } as const

export interface TransmissionTorrent {
  readonly id: number
  readonly status: number
  readonly percentDone: number
  readonly error: number
  readonly errorString: string
  readonly corruptEver: number
  readonly peersConnected: number
}

/** transmission-daemon at an address of a network of the test's own: it never connects to 127.x. */
export class Transmission implements AsyncDisposable {
  readonly host: string
  readonly #network: Network
  readonly #child: Child
  readonly #folder: TempFolder
  #session = ''

  private constructor(host: string, network: Network, child: Child, folder: TempFolder) {
    this.host = host
    this.#network = network
    this.#child = child
    this.#folder = folder
  }

  static async start(
    network: Network,
    host: string,
    encryption: keyof typeof ENCRYPTION = 'preferred',
  ): Promise<Transmission> {
    const folder = new TempFolder()
    const settings = {
      'bind-address-ipv4': host,
      'dht-enabled': false,
      encryption: ENCRYPTION[encryption],
      'lpd-enabled': false,
      'peer-port': PEER_PORT,
      'peer-port-random-on-start': false,
      'pex-enabled': false,
      'port-forwarding-enabled': false,
      'rpc-bind-address': host,
      'rpc-host-whitelist-enabled': false,
      'rpc-port': RPC_PORT,
      'rpc-whitelist-enabled': false,
      'utp-enabled': false,
    }
    await mkdir(folder.join('settings'))
    await writeFile(folder.join('settings', 'settings.json'), JSON.stringify(settings))
    const child = new Child(
      [...network.prefix, 'transmission-daemon', '--foreground', '--config-dir', folder.join('settings')],
      { cwd: folder.path },
    )
    const transmission = new Transmission(host, network, child, folder)
    try {
      await poll('the RPC of transmission', async () => {
        if (!child.isRunning) throw new Error(child.explain('transmission has ended'))
        return await transmission.#rpc('session-get', {}).catch(() => undefined)
      })
      return transmission
    } catch (error) {
      await transmission[Symbol.asyncDispose]()
      throw error
    }
  }

  /** As `--peer` takes it. */
  get address(): string {
    return `${this.host}:${PEER_PORT}`
  }

  /** Adds a torrent; data that is there already is checked. */
  async add(torrent: string, folder: string): Promise<void> {
    const metainfo = (await readFile(torrent)).toString('base64')
    await this.#rpc('torrent-add', { metainfo, 'download-dir': folder, paused: false })
    await this.#rpc('torrent-verify', {})
    // While it checks it takes no connections.
    await this.#settled('transmission to check', [DOWNLOADING, SEEDING])
  }

  /** Adds a magnet link. */
  async addMagnet(magnet: string, folder: string): Promise<void> {
    await this.#rpc('torrent-add', { filename: magnet, 'download-dir': folder, paused: false })
  }

  /** Waits until its only torrent is complete and seeds. */
  async seeding(withinMs?: number): Promise<TransmissionTorrent> {
    return await this.#settled('transmission to seed', [SEEDING], withinMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]()
    await this.#folder[Symbol.asyncDispose]()
  }

  async #settled(what: string, states: readonly number[], withinMs?: number): Promise<TransmissionTorrent> {
    let last: TransmissionTorrent | undefined
    const ask = async () => {
      last = (await this.#torrents())[0]
      return last !== undefined && states.includes(last.status) ? last : undefined
    }
    return await poll(what, ask, withinMs).catch((error: unknown) => {
      throw new Error(this.#child.explain(`${what}: ${JSON.stringify(last)}`), { cause: error })
    })
  }

  async #torrents(): Promise<readonly TransmissionTorrent[]> {
    const { torrents } = (await this.#rpc('torrent-get', { fields: FIELDS })) as {
      torrents: TransmissionTorrent[]
    }
    return torrents
  }

  async #rpc(method: string, args: object): Promise<unknown> {
    const first = await this.#post({ method, arguments: args })
    // The first answer of a session only tells its id.
    const { status, body } =
      first.status === NEW_SESSION ? await this.#post({ method, arguments: args }) : first
    if (status !== 200) throw new Error(`transmission: ${method}: HTTP ${status}`)
    const answer = JSON.parse(body) as { result: string; arguments?: unknown }
    if (answer.result !== 'success') throw new Error(`transmission: ${method}: ${answer.result}`)
    return answer.arguments
  }

  async #post(body: object): Promise<{ status: number | undefined; body: string }> {
    const text = JSON.stringify(body)
    return await new Promise((resolve, reject) => {
      const request = this.#network.request(this.host, RPC_PORT, {
        method: 'POST',
        path: '/transmission/rpc',
        headers: {
          'Content-Length': Buffer.byteLength(text),
          'X-Transmission-Session-Id': this.#session,
        },
      })
      request.on('error', reject)
      request.on('response', response => {
        const session = response.headers['x-transmission-session-id']
        if (typeof session === 'string') this.#session = session
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString() }),
        )
      })
      request.end(text)
    })
  }
}
