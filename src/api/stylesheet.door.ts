import { join } from 'node:path'
import type { DoorHandler } from './door'

/** The one style sheet of the pages. */
export const stylesheet: DoorHandler = (_services, _request, response) => {
  response.set('Cache-Control', 'public, max-age=3600')
  response.sendFile(join(__dirname, 'pages', 'pages.css'))
}
