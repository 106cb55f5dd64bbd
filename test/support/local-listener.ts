// A program that listens to local discovery (BEP 14), and writes `ready`, and then the info hashes of each announce in a line.
import { createSocket } from 'node:dgram'
import { toHex } from '../../src/base/bytes.js'
import { decodeLocalAnnounce, LOCAL_GROUPS, LOCAL_PORT } from '../../src/protocol/local-announce.js'

const [address] = process.argv.slice(2)
const socket = createSocket({ type: 'udp4', reuseAddr: true })
socket.on('message', datagram => {
  const { infoHashes = [] } = decodeLocalAnnounce(datagram) ?? {}
  console.log(infoHashes.map(toHex).join(' '))
})
socket.bind(LOCAL_PORT, () => {
  socket.addMembership(LOCAL_GROUPS.ipv4, address)
  console.log('ready')
})
