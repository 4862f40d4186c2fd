import { dirname, join } from 'node:path'
import type { Door } from './door'

/** What altcha-lib has for browsers, beside the files we run. */
const ALTCHA = join(dirname(require.resolve('altcha-lib')), '../../esm/v2')

/** By the names they import each other with. */
const files: Readonly<Record<string, string>> = {
  '/assets/challenge.js': join(__dirname, 'pages', 'challenge-in-browser.mjs'),
  '/assets/altcha/pow.js': join(ALTCHA, 'pow.js'),
  '/assets/altcha/helpers.js': join(ALTCHA, 'helpers.js'),
  '/assets/altcha/types.js': join(ALTCHA, 'types.js'),
  '/assets/altcha/algorithms/web/pbkdf2.js': join(ALTCHA, 'algorithms/web/pbkdf2.js'),
}

/** The script of the proof of work and what it imports, served from here. */
export const challengeScripts: readonly Door[] = Object.entries(files).map(([path, file]) => ({
  path,
  access: 'ANYONE',
  GET: (_services, _request, response) => response.sendFile(file, { maxAge: '1h' }),
}))
