import { spawnSync } from 'node:child_process'
import { Child, run } from './child.js'
import { EventLog } from './event-log.js'

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
 * and is lost where that is full. Each is a Linux network namespace without a name, and all hang on one bridge; the kernel
 * takes them away with the last process in them. Needs root.
 */
export class Lines implements AsyncDisposable {
  readonly hosts: LineHost[] = []
  readonly #options: LineOptions
  readonly #spaces: Child[] = []

  private constructor(options: LineOptions) {
    this.#options = options
  }

  static async create(hosts: number, options: LineOptions): Promise<Lines> {
    const lines = new Lines(options)
    try {
      const bridge = await lines.#space()
      await ip(bridge, 'link', 'add', 'bridge', 'type', 'bridge')
      await ip(bridge, 'link', 'set', 'bridge', 'up')
      for (let host = 1; host <= hosts; host++) await lines.#addHost(bridge, host)
      return lines
    } catch (error) {
      await lines[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Packets that did not find room in the queue of a line, of all hosts. */
  async lost(): Promise<number> {
    let lost = 0
    for (const { prefix } of this.hosts) {
      const stdout = await must([...prefix, 'tc', '-s', 'qdisc', 'show', 'dev', 'line'])
      lost += Number(/\(dropped (\d+)/.exec(stdout)?.[1])
    }
    return lost
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const space of this.#spaces) await space[Symbol.asyncDispose]()
  }

  async #addHost(bridge: readonly string[], host: number): Promise<void> {
    const prefix = await this.#space()
    const inside = `${this.#spaces.at(-1)?.pid}`
    const address = `10.78.0.${host}`
    await ip(bridge, 'link', 'add', `to${host}`, 'type', 'veth', 'peer', 'name', 'line', 'netns', inside)
    await ip(bridge, 'link', 'set', `to${host}`, 'master', 'bridge', 'up')
    await ip(prefix, 'addr', 'add', `${address}/24`, 'dev', 'line')
    await ip(prefix, 'link', 'set', 'line', 'up')
    await ip(prefix, 'link', 'set', 'lo', 'up')
    const { bitsPerSecond, queueMs } = this.#options
    const shape = ['rate', `${bitsPerSecond}bit`, 'burst', '16kb', 'latency', `${queueMs}ms`]
    await must([...prefix, 'tc', 'qdisc', 'add', 'dev', 'line', 'root', 'tbf', ...shape])
    this.hosts.push({ address, prefix })
  }

  /** A namespace, kept by a process that does nothing; gives the prefix that runs a command in it. */
  async #space(): Promise<readonly string[]> {
    const ready = new EventLog<string>()
    const space = new Child(['unshare', '--net', 'sh', '-c', 'echo ready; exec cat'], {
      interactive: true,
      onLine: line => ready.push(line),
    })
    this.#spaces.push(space)
    space.exited.then(
      () => ready.end(new Error(space.explain('no network'))),
      error => ready.end(error),
    )
    await ready.waitFor('a network', line => line === 'ready')
    return ['nsenter', `--net=/proc/${space.pid}/ns/net`, '--']
  }
}

async function ip(prefix: readonly string[], ...args: readonly string[]): Promise<void> {
  await must([...prefix, 'ip', ...args])
}

async function must(command: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(command)
  if (code !== 0) throw new Error(`${command.join(' ')}: ${stderr}`)
  return stdout
}
