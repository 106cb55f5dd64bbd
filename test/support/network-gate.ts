// A process of its own that keeps a network alive and lets connections in: paths of Unix sockets reach across
// networks. Each connection begins with the line `<host> <port>`. It ends with its standard input.
import { connect, createServer, type Socket } from 'node:net'

const [path] = process.argv.slice(2)

function forward(outside: Socket, target: string): void {
  const [host = '', port = ''] = target.split(' ')
  const inside = connect(Number(port), host)
  outside.pipe(inside).pipe(outside)
  for (const [socket, other] of [
    [outside, inside],
    [inside, outside],
  ] as const) {
    socket.on('error', () => other.destroy())
    socket.on('close', () => other.destroy())
  }
}

const server = createServer(outside => {
  outside.on('error', () => outside.destroy())
  outside.once('readable', () => {
    const first: Buffer = outside.read() ?? Buffer.alloc(0)
    const end = first.indexOf('\n')
    if (end < 0) {
      outside.destroy()
      return
    }
    outside.unshift(first.subarray(end + 1))
    forward(outside, first.toString('utf8', 0, end))
  })
})

server.listen(path, () => console.log('ready'))
process.stdin.on('end', () => process.exit()).resume()
