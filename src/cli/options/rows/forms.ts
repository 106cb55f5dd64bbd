import { addressValue, portValue, textValue, tierValue, timeLimitValue } from '../option-values.js'

/** How options are typed that several commands have, each with a meaning of its own. */
export const FORMS = {
  out: {
    type: 'value',
    key: 'out',
    long: '--out',
    short: '-o',
    argument: '<file>',
    parse: textValue,
  },
  force: {
    type: 'flag',
    key: 'force',
    long: '--force',
    short: '-f',
  },
  dir: {
    type: 'value',
    key: 'dir',
    long: '--dir',
    short: '-d',
    argument: '<folder>',
    parse: textValue,
    default: '.',
  },
  tracker: {
    type: 'list',
    key: 'tracker',
    long: '--tracker',
    short: '-t',
    argument: '<url>',
    parse: tierValue,
  },
  timeout: {
    type: 'value',
    key: 'timeout',
    long: '--timeout',
    argument: '<duration>',
    parse: timeLimitValue,
  },
  bind: {
    type: 'value',
    key: 'bind',
    long: '--bind',
    argument: '<address>',
    parse: addressValue,
  },
  port: {
    type: 'value',
    key: 'port',
    long: '--port',
    short: '-p',
    argument: '<n>',
    parse: portValue,
  },
} as const

/** The port of a tracker, unless another is given. */
export const TRACKER_PORT = '6969'
