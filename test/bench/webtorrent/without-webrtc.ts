// A hook of the module loader: imports of `webrtc-polyfill` get empty stand-ins.
import type { ResolveHook } from 'node:module'

const NAMES = ['RTCPeerConnection', 'RTCSessionDescription', 'RTCIceCandidate']
const NOTHING = `data:text/javascript,${NAMES.map(name => `export const ${name} = undefined;`).join('')}`

export const resolve: ResolveHook = (specifier, context, next) =>
  specifier === 'webrtc-polyfill' ? { url: NOTHING, shortCircuit: true } : next(specifier, context)
