#!/usr/bin/env node
// Hands over to the compiled program, after a clear word where it cannot run.
import { existsSync } from 'node:fs'
import module from 'node:module'

const OLDEST = [20, 19]
const program = new URL('../dist/src/cli/main.js', import.meta.url)

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
  console.error(`torrent: Node.js ${OLDEST.join('.')} or newer is needed, this is ${process.versions.node}`)
  process.exitCode = 1
} else if (!existsSync(program)) {
  console.error('torrent: not built yet: run `npm run build` in its folder')
  process.exitCode = 1
} else {
  // Compiled code is kept between runs where Node.js can (22.1 and newer).
  module.enableCompileCache?.()
  const { main } = await import(program.href)
  await main(process.argv.slice(2))
}
