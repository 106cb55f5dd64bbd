import { spawnSync } from 'node:child_process'
import { run } from './child.js'
import { LocalNetwork } from './local-network.js'

export interface LineOptions {
  readonly bitsPerSecond: number
  /** How long something may wait in the queue of a line before it is lost. */
  readonly queueMs: number
}

/** What the kernel must have for it, which nothing can install. */
const PROBE = [
  'ip link add probe type bridge',
  'ip link add to type veth peer name line',
  'tc qdisc add dev line root tbf rate 1mbit burst 16kb latency 50ms',
].join(' && ')

/** For the `skip` of a test: why there are no lines here, or false where there are. */
export function withoutLines(): string | false {
  const { status } = spawnSync('unshare', ['--net', 'sh', '-c', PROBE], { stdio: 'ignore' })
  return status !== 0 && 'needs a kernel with bridges, veth and token buckets'
}

/** A machine with a line of its own. */
export interface LineHost {
  readonly address: string
  /** Put before a command to run it there. */
  readonly prefix: readonly string[]
}

/**
 * Hosts that reach each other over lines as people have them: what one sends leaves at a rate, waits in a queue while others do,
 * and is lost where that is full. Needs root.
 */
export class Lines implements AsyncDisposable {
  readonly hosts: readonly LineHost[]
  readonly #network: LocalNetwork

  private constructor(network: LocalNetwork) {
    this.#network = network
    this.hosts = network.machines.map(({ ipv4, prefix }) => ({ address: ipv4, prefix }))
  }

  static async create(hosts: number, { bitsPerSecond, queueMs }: LineOptions): Promise<Lines> {
    const network = await LocalNetwork.create(hosts)
    try {
      const shape = ['rate', `${bitsPerSecond}bit`, 'burst', '16kb', 'latency', `${queueMs}ms`]
      for (const { prefix } of network.machines)
        await must([...prefix, 'tc', 'qdisc', 'add', 'dev', 'eth0', 'root', 'tbf', ...shape])
      return new Lines(network)
    } catch (error) {
      await network[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Packets that did not find room in the queue of a line, of all hosts. */
  async lost(): Promise<number> {
    let lost = 0
    for (const { prefix } of this.hosts) {
      const stdout = await must([...prefix, 'tc', '-s', 'qdisc', 'show', 'dev', 'eth0'])
      lost += Number(/\(dropped (\d+)/.exec(stdout)?.[1])
    }
    return lost
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#network[Symbol.asyncDispose]()
  }
}

async function must(command: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(command)
  if (code !== 0) throw new Error(`${command.join(' ')}: ${stderr}`)
  return stdout
}
