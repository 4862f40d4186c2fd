// `npm run test:confined [-- FILE…]`: the tests where nothing but this machine's loopback exists, in a network namespace of
// their own. Database, Redis and SMTP are there, and a name server that says one reserved address for every name. Whoever
// tries to reach another address finds no way, and the kernel counts it: one such attempt, by any process, and it fails.
import { spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { providePackages } from './provide-packages.mjs'

const self = fileURLToPath(import.meta.url)
/** RFC 5737: an address nobody has. */
const NOWHERE = [192, 0, 2, 1]
const args = process.argv.slice(2)

/** Starts itself again in the namespace. */
function outside() {
  try {
    providePackages('test:confined', [
      { command: 'unshare', check: '--version', packages: ['util-linux'] },
      { command: 'ip', check: '-V', packages: ['iproute2'] },
    ])
  } catch (error) {
    console.error(error.message)
    return 1
  }
  const spaces = [...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']), '--net', '--mount']
  if (spawnSync('unshare', [...spaces, 'true']).status !== 0) {
    console.error(
      'test:confined needs to make a network namespace: run it as root, or allow user namespaces.',
    )
    return 1
  }
  const command = [...spaces, process.execPath, self, '--inside', ...args]
  return spawnSync('unshare', command, { stdio: 'inherit' }).status ?? 1
}

async function inside(files) {
  const folder = mkdtempSync(join(tmpdir(), 'weinterrupt-confined-'))
  try {
    must('ip', 'link', 'set', 'lo', 'up')
    const names = await nameServer(folder)
    // What nobody could see would look like nothing: one attempt by address and one by name have to be counted.
    for (const host of [NOWHERE.join('.'), 'planted.example']) {
      const before = attempts()
      const how = await reach(host)
      if (how !== 'ENETUNREACH' || attempts() === before)
        throw new Error(`An attempt to reach ${host} was not seen: ${how}`)
    }
    const before = attempts()
    names.splice(0)
    const jest = createRequire(import.meta.url).resolve('jest/bin/jest')
    const [status] = await once(spawn(process.execPath, [jest, ...files], { stdio: 'inherit' }), 'exit')
    const outbound = attempts() - before
    const asked = [...new Set(names)].sort().join(', ') || 'none'
    console.log(`Attempts to reach another address than loopback: ${outbound}. Names asked for: ${asked}.`)
    if (outbound > 0) console.error('There must be none. Single files: npm run test:confined -- FILE')
    return outbound > 0 ? 1 : (status ?? 1)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function must(command, ...rest) {
  const { status, stderr } = spawnSync(command, rest, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${rest.join(' ')}: ${stderr}`)
}

/** So many times somebody in this namespace wanted an address it has no way to. Both kinds of address, every process. */
function attempts() {
  const [, fields = '', values = ''] =
    /^Ip: (.*)\nIp: (.*)$/m.exec(readFileSync('/proc/self/net/snmp', 'utf8')) ?? []
  const ipv4 = Number(values.split(' ')[fields.split(' ').indexOf('OutNoRoutes')])
  const ipv6 = Number(
    /^Ip6OutNoRoutes\s+(\d+)$/m.exec(readFileSync('/proc/self/net/snmp6', 'utf8'))?.[1] ?? 0,
  )
  if (!Number.isInteger(ipv4)) throw new Error('The kernel does not count what has no route')
  return ipv4 + ipv6
}

const reach = host =>
  new Promise(resolve => {
    const socket = connect(443, host, () => resolve('connected'))
    socket.on('error', ({ code }) => resolve(code))
  })

/**
 * Has the address of nobody for every name, and collects the names: with no answer at all, who asks for one would give up
 * before the attempt that is looked for.
 */
async function nameServer(folder) {
  const file = join(folder, 'resolv.conf')
  writeFileSync(file, 'nameserver 127.0.0.1\n')
  must('mount', '--bind', file, '/etc/resolv.conf')
  const names = []
  const server = createSocket('udp4', (query, { port, address }) => {
    const { name, type, end } = questionOf(query)
    names.push(name)
    server.send(answerTo(query.subarray(0, end), type), port, address)
  })
  server.bind(53, '127.0.0.1')
  await once(server, 'listening')
  server.unref()
  return names
}

/** RFC 1035 §4.1.2: the name in labels, then type and class. */
function questionOf(query) {
  const labels = []
  let at = 12
  for (let length = query[at]; length; length = query[at]) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1), end: at + 5 }
}

/** One address for type A; for all else there is nothing, and it says so. */
function answerTo(question, type) {
  const isAddress = type === 1
  const head = Buffer.from(question)
  // A response, recursion available, no error; one question, none or one answer.
  head.writeUInt16BE(0x8180, 2)
  head.writeUInt16BE(isAddress ? 1 : 0, 6)
  head.writeUInt32BE(0, 8)
  return isAddress
    ? Buffer.concat([head, Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...NOWHERE])])
    : head
}

process.exitCode = args[0] === '--inside' ? await inside(args.slice(1)) : outside()
