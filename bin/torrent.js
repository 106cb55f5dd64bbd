#!/usr/bin/env node
// Starts the bundled program, or says why it cannot run. This file and the bundle are CommonJS, since loading an ES module
// starts a loader of its own in Node.js.
'use strict'
const { existsSync } = require('node:fs')
const { enableCompileCache } = require('node:module')
const { join } = require('node:path')

const OLDEST = [20, 19]
const PROGRAM = join(__dirname, '../dist/bundle/main.cjs')

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
  console.error(`torrent: Node.js ${OLDEST.join('.')} or newer is needed, this is ${process.versions.node}`)
  process.exitCode = 1
} else if (!existsSync(PROGRAM)) {
  console.error('torrent: not built yet: run `npm run build` in its folder')
  process.exitCode = 1
} else {
  // Stack traces are shown only then, with lines of the sources; to map them costs time at every start.
  if (process.env.DEBUG) process.setSourceMapsEnabled(true)
  // Compiled code is kept between runs where Node.js can (22.1 and newer).
  enableCompileCache?.()
  require(PROGRAM).main(process.argv.slice(2))
}
