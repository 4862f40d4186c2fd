// The sheet every notice is written on: site name, a row of colours, the words, and who sends it. No image, no tracker.
import type { ComponentChildren, VNode } from 'preact'
import { render } from 'preact-render-to-string'
import { directionOf, message } from '../messages'
import { barColours, darkRules, styles } from './mail-style'

export interface ComposedMail {
  subject: string
  html: string
  text: string
}

export interface SheetProps {
  locale: string
  siteName: string
  postalAddress: string
  contact: string
}

/** The HTML part; the same props give the same bytes. */
export function mailSheet(props: SheetProps & { subject: string; children: ComponentChildren }): string {
  return `<!doctype html>\n${render(<Sheet {...props} />)}`
}

/** Who sends it and whom to ask: the last lines of every notice. */
export const senderLines = ({ locale, siteName, postalAddress, contact }: SheetProps): string[] => [
  message(locale, 'mail.sender', { site: siteName, address: oneLine(postalAddress) }),
  message(locale, 'mail.contact', { contact }),
]

const oneLine = (address: string): string =>
  address
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '')
    .join(', ')

function Sheet(props: SheetProps & { subject: string; children: ComponentChildren }): VNode {
  return (
    <html lang={props.locale} dir={directionOf(props.locale)}>
      <head>
        <meta charset="utf-8" />
        <title>{props.subject}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <style>{darkRules}</style>
      </head>
      <body class="page" style={styles.page}>
        <table
          role="presentation"
          width="100%"
          cellPadding="0"
          cellSpacing="0"
          class="page"
          style={styles.page}
        >
          <tr>
            <td align="center" style={styles.margin}>
              <Column {...props} />
            </td>
          </tr>
        </table>
      </body>
    </html>
  )
}

function Column(props: SheetProps & { children: ComponentChildren }): VNode {
  const [sender, contact] = senderLines(props)
  return (
    <table role="presentation" width="100%" cellPadding="0" cellSpacing="0" style={styles.column}>
      <tr>
        <td class="ink" style={styles.siteName}>
          {props.siteName}
        </td>
      </tr>
      <tr>
        <td>
          <Bar />
        </td>
      </tr>
      <tr>
        <td class="sheet" style={styles.sheet}>
          {props.children}
        </td>
      </tr>
      <tr>
        <td class="soft" style={styles.sender}>
          {sender}
          <br />
          {contact}
        </td>
      </tr>
    </table>
  )
}

function Bar(): VNode {
  return (
    <table role="presentation" width="100%" cellPadding="0" cellSpacing="0">
      <tr>
        {barColours.map(colour => (
          <td key={colour} style={`${styles.bar} ${colour}`}>
            {'\u00a0'}
          </td>
        ))}
      </tr>
    </table>
  )
}

// The cell has the colour and the link the padding: Outlook paints the first, everyone else lets the whole of it be pressed.
export function Button({ label, url }: { label: string; url: string }): VNode {
  return (
    <table role="presentation" cellPadding="0" cellSpacing="0" style={styles.buttonTable}>
      <tr>
        <td class="button" align="center" style={styles.buttonCell}>
          <a class="button-label" href={url} style={styles.button}>
            {label}
          </a>
        </td>
      </tr>
    </table>
  )
}
