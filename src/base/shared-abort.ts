import { setMaxListeners } from 'node:events'

/**
 * A controller whose signal any number of things may listen to at a time: with a plain one Node.js writes a warning to
 * standard error from the eleventh listener on, which is meant to find leaks.
 */
export function sharedAbortController(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}
