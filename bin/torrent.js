#!/usr/bin/env node
// Starts the bundled program, or says why it cannot run. This file and the bundle are CommonJS, since loading an ES module
// starts a loader of its own in Node.js.
'use strict'
const { existsSync } = require('node:fs')
const { enableCompileCache } = require('node:module')
const { isAbsolute, join } = require('node:path')

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
  const cache = cacheFolder(process)
  if (cache) enableCompileCache?.(cache)
  require(PROGRAM).main(process.argv.slice(2))
}

/**
 * The cache folder of this user, or nothing where none is known: code is run from it, so it is never the one that Node.js takes by
 * itself, below the folder for temporary files, where another user may have put something first.
 */
function cacheFolder({ platform, env }) {
  if (platform === 'win32') return env.LOCALAPPDATA && join(env.LOCALAPPDATA, 'torrent', 'cache')
  // The XDG Base Directory Specification: relative paths are to be ignored.
  if (isAbsolute(env.XDG_CACHE_HOME ?? '')) return join(env.XDG_CACHE_HOME, 'torrent')
  return env.HOME && join(env.HOME, platform === 'darwin' ? 'Library/Caches' : '.cache', 'torrent')
}
