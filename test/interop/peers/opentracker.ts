import { chmod, writeFile } from 'node:fs/promises'
import { Child } from '../../support/child.js'
import { freePort, listening } from '../../support/ports.js'
import { TempFolder } from '../../support/temp-folder.js'

/** opentracker on the loopback, for the given torrents only: Debian builds it with a list of those it serves. */
export class Opentracker implements AsyncDisposable {
  readonly url: string
  /** The same tracker over UDP. */
  readonly udpUrl: string
  readonly #child: Child
  readonly #folder: TempFolder

  private constructor(child: Child, folder: TempFolder, port: number) {
    this.#child = child
    this.#folder = folder
    this.url = `http://127.0.0.1:${port}/announce`
    this.udpUrl = `udp://127.0.0.1:${port}/announce`
  }

  /** `infoHashes`: 40 hexadecimal digits each; for v2 the first 40. */
  static async start(infoHashes: readonly string[]): Promise<Opentracker> {
    const folder = new TempFolder()
    // It goes on as `nobody` with this folder as its root.
    await chmod(folder.path, 0o755)
    await writeFile(folder.join('allowed'), infoHashes.map(hash => `${hash}\n`).join(''))
    const port = await freePort()
    const listen = ['-i', '127.0.0.1', '-p', `${port}`, '-P', `${port}`]
    const child = new Child(['opentracker', ...listen, '-d', folder.path, '-w', 'allowed'], {
      cwd: folder.path,
    })
    const tracker = new Opentracker(child, folder, port)
    try {
      await listening(port)
      return tracker
    } catch (error) {
      await tracker[Symbol.asyncDispose]()
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]()
    await this.#folder[Symbol.asyncDispose]()
  }
}
