/**
 * Loaded before every program on Node.js that a test starts, and before the test itself (`NODE_OPTIONS=--require`), in threads,
 * too. Refuses what would leave this machine (datagrams, memberships in multicast groups, connections, look-ups of names) and
 * records it in a file, which the runner reads (`refusals.ts`).
 *
 * Environment: `TORRENT_GUARD_RECORD` names the file, `TORRENT_GUARD_NETWORK` the subnets that a test has made for itself,
 * `TORRENT_GUARD_TEST` the test; the test's own process sets that for those that it starts. This is CommonJS: an ES module that
 * is loaded first starts a loader in each process.
 */
const dgram = process.getBuiltinModule('node:dgram')
const dns = process.getBuiltinModule('node:dns')
const fs = process.getBuiltinModule('node:fs')
const net = process.getBuiltinModule('node:net')
const os = process.getBuiltinModule('node:os')
const { syncBuiltinESMExports } = process.getBuiltinModule('node:module')

export type Call = (this: unknown, ...args: unknown[]) => unknown

/** Tells the caller of a refused function. */
type Fail = (error: Error, self: unknown, args: readonly unknown[]) => unknown

if (process.env.NODE_TEST_CONTEXT !== undefined) process.env.TORRENT_GUARD_TEST = process.argv[1] ?? ''

/** Records it, and returns the error for the program: that of a machine without a network. */
function refused(what: string, to: string, code: string): Error {
  const { TORRENT_GUARD_RECORD: path, TORRENT_GUARD_TEST: test = '' } = process.env
  const command = process.argv.slice(1).join(' ')
  const line = JSON.stringify({ test, command, pid: process.pid, what: `${what} ${to}` })
  if (path !== undefined) fs.appendFileSync(path, `${line}\n`)
  return Object.assign(new Error(`${code}: the guard of the tests refuses ${what} ${to}`), { code })
}

/** Puts a check before a function of a module or of a class. Its properties stay: `util.promisify` looks at them. */
function guard(
  owner: object,
  name: string,
  check: (args: readonly unknown[], self: unknown) => Error | undefined,
  fail: Fail,
): void {
  const original: unknown = Reflect.get(owner, name)
  if (typeof original !== 'function') throw new Error(`no function ${name}`)
  const guarded: Call = function (...args) {
    const error = check(args, this)
    return error === undefined ? Reflect.apply(original, this, args) : fail(error, this, args)
  }
  Object.defineProperties(guarded, Object.getOwnPropertyDescriptors(original))
  Reflect.set(owner, name, guarded)
}

/** Where datagrams and connections may go, besides this machine's own addresses. */
const here = new net.BlockList()
here.addSubnet('127.0.0.0', 8, 'ipv4')
here.addAddress('::1', 'ipv6')
// What is sent to no address arrives on this machine.
here.addAddress('0.0.0.0', 'ipv4')
here.addAddress('::', 'ipv6')
for (const subnet of (process.env.TORRENT_GUARD_NETWORK ?? '').split(',')) {
  const [address = '', bits] = subnet.split('/')
  if (subnet !== '') here.addSubnet(address, Number(bits), familyOf(address))
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return net.isIPv6(address) ? 'ipv6' : 'ipv4'
}

/** Whether what goes to an IP address, which may have a zone, stays on this machine or in a network of the test. */
function staysHere(address: string): boolean {
  const [host = ''] = address.split('%')
  const family = familyOf(host)
  if (here.check(host, family)) return true
  return Object.values(os.networkInterfaces()).some(addresses =>
    addresses?.some(own => own.address === host || `::ffff:${own.address}` === host),
  )
}

/** Whether it is an IP address elsewhere. A name is looked up first, and refused then. */
function isElsewhere(address: unknown): address is string {
  if (typeof address !== 'string') return false
  return net.isIP(address.replace(/%.*/, '')) !== 0 && !staysHere(address)
}

const tellCallback: Fail = (error, self, args) => {
  const callback = args.findLast(arg => typeof arg === 'function')
  if (callback !== undefined) process.nextTick(callback, error)
  else if (self instanceof dgram.Socket) process.nextTick(() => self.emit('error', error))
}

const reject: Fail = error => Promise.reject(error)

const fling: Fail = error => {
  throw error
}

// Datagrams: send(data[, offset, length][, port][, address][, callback]).
guard(
  dgram.Socket.prototype,
  'send',
  args => {
    const hasRange = typeof args[2] === 'number'
    const [port, address] = hasRange ? args.slice(3) : args.slice(1)
    return isElsewhere(address)
      ? refused('a datagram to', `${address} port ${port}`, 'ENETUNREACH')
      : undefined
  },
  tellCallback,
)
guard(
  dgram.Socket.prototype,
  'connect',
  ([port, address]) =>
    isElsewhere(address) ? refused('datagrams to', `${address} port ${port}`, 'ENETUNREACH') : undefined,
  tellCallback,
)
for (const [name, position] of [
  ['addMembership', 0],
  ['addSourceSpecificMembership', 1],
] as const) {
  const check = (args: readonly unknown[]) =>
    isElsewhere(args[position])
      ? refused('a membership in the group', `${args[position]}`, 'ENODEV')
      : undefined
  guard(dgram.Socket.prototype, name, check, fling)
}

// Connections: connect(options | [options] | path | port[, host][, callback]).
guard(
  net.Socket.prototype,
  'connect',
  (args, socket) => {
    const [first, second] = args.flat()
    const isOptions = typeof first === 'object' && first !== null
    const host: unknown = isOptions ? Reflect.get(first, 'host') : second
    const port: unknown = isOptions ? Reflect.get(first, 'port') : first
    const check = (address: unknown) =>
      isElsewhere(address) ? refused('a connection to', `${address} port ${port}`, 'ENETUNREACH') : undefined
    // The program may have a look-up of its own.
    if (socket instanceof net.Socket)
      socket.on('lookup', (_, address) => {
        const error = check(address)
        if (error !== undefined) socket.destroy(error)
      })
    return check(host)
  },
  (error, socket) => (socket instanceof net.Socket ? socket.destroy(error) : undefined),
)

// Names.
function lookUp([name]: readonly unknown[]): Error | undefined {
  if (typeof name !== 'string' || name === '' || net.isIP(name) !== 0) return undefined
  if (/^(.+\.)?localhost$/i.test(name)) return undefined
  // Never there (RFC 6761), so that nobody has to be asked: for tests of names that are not found.
  if (/\.invalid$/i.test(name))
    return Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' })
  return refused('the look-up of', name, 'ENOTFOUND')
}
guard(dns, 'lookup', lookUp, tellCallback)
guard(dns.promises, 'lookup', lookUp, reject)
for (const [owner, fail] of [
  [dns, tellCallback],
  [dns.Resolver.prototype, tellCallback],
  [dns.promises, reject],
  [dns.promises.Resolver.prototype, reject],
] as const) {
  for (const name of Object.getOwnPropertyNames(owner)) {
    if (/^(resolve|reverse|lookupService)/.test(name))
      guard(owner, name, ([subject]) => refused('the look-up of', `${subject}`, 'ENOTFOUND'), fail)
  }
}

syncBuiltinESMExports()
