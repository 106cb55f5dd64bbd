import { type ClientRequest, type RequestOptions, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { Child, run } from './child.js'
import { poll } from './deadline.js'
import { EventLog } from './event-log.js'
import { TempFolder } from './temp-folder.js'

const GATE = fileURLToPath(new URL('./network-gate.js', import.meta.url))

/**
 * A network of the test's own (a Linux network namespace without a name) with addresses like those of hosts in a
 * home, for programs that keep away from 127.x. The kernel takes it away with the last process in it, so that
 * nothing can be left behind. Needs root.
 */
export class Network implements AsyncDisposable {
  /** Put before a command to run it inside. */
  readonly prefix: readonly string[]
  /** One address for each host that was asked for: all belong to the one loopback device. */
  readonly addresses: readonly string[]
  readonly #gate: Child
  readonly #folder: TempFolder

  private constructor(gate: Child, folder: TempFolder, addresses: readonly string[]) {
    this.#gate = gate
    this.#folder = folder
    this.prefix = ['nsenter', `--net=/proc/${gate.pid}/ns/net`, '--']
    this.addresses = addresses
  }

  static async create(hosts: number): Promise<Network> {
    const folder = new TempFolder()
    const ready = new EventLog<string>()
    const gate = new Child(['unshare', '--net', process.execPath, GATE, folder.join('gate')], {
      interactive: true,
      onLine: line => ready.push(line),
    })
    const addresses = Array.from({ length: hosts }, (_, host) => `10.77.0.${host + 1}`)
    const network = new Network(gate, folder, addresses)
    try {
      gate.exited.then(
        () => ready.end(new Error(gate.explain('no network'))),
        error => ready.end(error),
      )
      await ready.waitFor('a network', line => line === 'ready')
      await network.#ip('link', 'set', 'lo', 'up')
      for (const address of addresses) await network.#ip('addr', 'add', `${address}/24`, 'dev', 'lo')
      return network
    } catch (error) {
      await network[Symbol.asyncDispose]()
      throw error
    }
  }

  /** A TCP connection from outside to a listener inside. */
  connect(host: string, port: number): Socket {
    const socket = connect(this.#folder.join('gate'))
    socket.write(`${host} ${port}\n`)
    return socket
  }

  /** An HTTP request from outside to a server inside. */
  request(host: string, port: number, options: RequestOptions): ClientRequest {
    return request({ ...options, host, port, createConnection: () => this.connect(host, port) })
  }

  /** Waits until a program inside listens on a TCP port. */
  async listening(host: string, port: number): Promise<void> {
    const probe = `require('node:net').connect(${port}, '${host}').on('connect', () => process.exit())`
    await poll(`a listener on ${host}:${port}`, async () => {
      const { code } = await run([...this.prefix, process.execPath, '-e', probe])
      return code === 0 ? true : undefined
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#gate[Symbol.asyncDispose]()
    await this.#folder[Symbol.asyncDispose]()
  }

  async #ip(...args: readonly string[]): Promise<void> {
    const { code, stderr } = await run([...this.prefix, 'ip', ...args])
    if (code !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`)
  }
}
