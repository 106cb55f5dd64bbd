import { spawnSync } from 'node:child_process'
import { Child, run } from './child.js'
import { EventLog } from './event-log.js'

/** What the guard lets pass between the machines: their subnets, and the groups of local discovery (BEP 14). */
const SUBNETS = '10.78.0.0/24,fd78::/64,fe80::/10,239.192.152.143/32,ff15::efc0:988f/128'

/** What the kernel must have for it, which nothing can install. */
const PROBE = 'ip link add probe type bridge && ip link add to type veth peer name eth0'

/** For the `skip` of a test: why there is no such network here, or false where there is. */
export function withoutLocalNetwork(): string | false {
  const { status } = spawnSync('unshare', ['--net', 'sh', '-c', PROBE], { stdio: 'ignore' })
  return status !== 0 && 'needs Linux, root, and a kernel with bridges and veth'
}

/** A machine in the network. */
export interface Machine {
  readonly ipv4: string
  readonly ipv6: string
  /** Put before a command to run it there. */
  readonly prefix: readonly string[]
}

/**
 * Machines of the test's own in one local network, over which IPv4, IPv6 and multicast go: Linux network namespaces without names, and a
 * bridge between them. The kernel takes them away with the last process in them. Needs root.
 */
export class LocalNetwork implements AsyncDisposable {
  readonly machines: readonly Machine[]
  readonly #holders: readonly Child[]

  private constructor(machines: readonly Machine[], holders: readonly Child[]) {
    this.machines = machines
    this.#holders = holders
  }

  static async create(count: number): Promise<LocalNetwork> {
    const holders: Child[] = []
    try {
      const hub = await hold(holders)
      await ip(hub, 'link', 'add', 'br0', 'type', 'bridge', 'mcast_snooping', '0')
      await ip(hub, 'link', 'set', 'br0', 'up')
      const machines: Machine[] = []
      for (let number = 1; number <= count; number++) machines.push(await plugIn(hub, number, holders))
      return new LocalNetwork(machines, holders)
    } catch (error) {
      await Promise.all(holders.map(holder => holder[Symbol.asyncDispose]()))
      throw error
    }
  }

  /** A machine by its number, from 0. */
  machine(number: number): Machine {
    const machine = this.machines[number]
    if (machine === undefined) throw new Error(`no machine ${number}`)
    return machine
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#holders.map(holder => holder[Symbol.asyncDispose]()))
  }
}

/** A process that keeps a namespace alive. */
async function hold(holders: Child[]): Promise<Child> {
  const ready = new EventLog<string>()
  const holder = new Child(['unshare', '--net', 'sh', '-c', 'echo ready; exec cat'], {
    interactive: true,
    onLine: line => ready.push(line),
  })
  holders.push(holder)
  holder.exited.then(
    () => ready.end(new Error(holder.explain('no network'))),
    error => ready.end(error),
  )
  await ready.waitFor('a namespace', line => line === 'ready')
  return holder
}

/** A machine with a cable to the bridge. */
async function plugIn(hub: Child, number: number, holders: Child[]): Promise<Machine> {
  const holder = await hold(holders)
  const ipv4 = `10.78.0.${number}`
  const ipv6 = `fd78::${number}`
  const end = `port${number}`
  await ip(hub, 'link', 'add', end, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', `${holder.pid}`)
  await ip(hub, 'link', 'set', end, 'master', 'br0', 'up')
  await ip(holder, 'link', 'set', 'lo', 'up')
  await ip(holder, 'link', 'set', 'eth0', 'up')
  await ip(holder, 'addr', 'add', `${ipv4}/24`, 'dev', 'eth0')
  await ip(holder, 'addr', 'add', `${ipv6}/64`, 'dev', 'eth0', 'nodad')
  return { ipv4, ipv6, prefix: ['env', `TORRENT_GUARD_NETWORK=${SUBNETS}`, ...inside(holder)] }
}

function inside(holder: Child): string[] {
  return ['nsenter', `--net=/proc/${holder.pid}/ns/net`, '--']
}

async function ip(holder: Child, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await run([...inside(holder), 'ip', ...args])
  if (code !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`)
}
