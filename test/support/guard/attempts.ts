// A program that tries to reach other machines in every way, and writes what came of each way: a name and a code of an error
// in a line. Besides, it does what stays on this machine.
import { createSocket } from 'node:dgram'
import { type LookupAddress, type LookupOptions, lookup, resolve4 } from 'node:dns'
import * as names from 'node:dns/promises'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'

const socket = createSocket('udp4')

function sent(send: (callback: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => send(error => (error === null ? resolve() : reject(error))))
}

async function connected(attempt: Socket): Promise<void> {
  await once(attempt, 'connect')
  attempt.destroy()
}

function lookUpHere(
  _host: string,
  _options: LookupOptions,
  found: (error: null, addresses: LookupAddress[]) => void,
): void {
  found(null, [{ address: '192.0.2.1', family: 4 }])
}

async function failureOf(worker: Worker): Promise<never> {
  const [error] = await once(worker, 'error')
  throw error
}

const IN_THREAD = "require('node:net').connect(9, '192.0.2.1')"

const ATTEMPTS: Readonly<Record<string, () => unknown>> = {
  datagram: () => sent(callback => socket.send('x', 9, '192.0.2.1', callback)),
  'part of a datagram': () => sent(callback => socket.send('xyz', 0, 1, 9, '192.0.2.1', callback)),
  'datagram to a group': () => sent(callback => socket.send('x', 9, '239.192.152.143', callback)),
  'datagram over IPv6': () => sent(callback => socket.send('x', 9, '2001:db8::1', callback)),
  'datagram without a callback': async () => {
    const failed = once(socket, 'error')
    socket.send('x', 9, '192.0.2.1')
    throw (await failed)[0]
  },
  'connected datagrams': () =>
    sent(callback => socket.connect(9, '192.0.2.1', (error?: Error) => callback(error ?? null))),
  membership: () => socket.addMembership('239.192.152.143'),
  connection: () => connected(connect(9, '192.0.2.1')),
  'connection over IPv6': () => connected(connect({ port: 9, host: '2001:db8::1' })),
  'connection to a name': () => connected(connect(9, 'tracker.example')),
  'connection by a look-up of its own': () =>
    connected(connect({ port: 9, host: 'tracker.example', lookup: lookUpHere })),
  'connection with TLS': () => connected(connectTls(9, '192.0.2.1')),
  fetch: () => fetch('http://192.0.2.1:8080/').catch(error => Promise.reject(error.cause)),
  'look-up': () => promisify(lookup)('tracker.example'),
  'look-up by promise': () => names.lookup('tracker.example'),
  resolve: () => promisify(resolve4)('tracker.example'),
  'resolve by promise': () => names.resolve4('tracker.example'),
  resolver: () => new names.Resolver().resolve4('tracker.example'),
  reverse: () => names.reverse('192.0.2.1'),
  thread: () => failureOf(new Worker(IN_THREAD, { eval: true })),
  'datagrams on this machine': async () => {
    await sent(callback => socket.send('x', 9, '127.0.0.1', callback))
    await sent(callback => socket.send('x', 9, callback))
  },
  'connection on this machine': () => connected(connect(1, '127.0.0.1')),
  'connection on this machine over IPv6': () => connected(connect({ port: 1, host: '::1' })),
  'look-ups on this machine': async () => {
    await names.lookup('localhost')
    await promisify(lookup)('127.0.0.1')
  },
}

for (const [name, attempt] of Object.entries(ATTEMPTS)) {
  try {
    await attempt()
    console.log(`${name}: done`)
  } catch (error) {
    console.log(`${name}: ${error instanceof Error && 'code' in error ? error.code : error}`)
  }
}
socket.close()
