// The mail that asks for the one press that makes a yes valid (O4): who, what, how often, why; no advertising, no image,
// no tracker, and nothing the visitor typed, so that the form cannot carry a message to a stranger.
import type { VNode } from 'preact'
import { render } from 'preact-render-to-string'
import { directionOf } from '../messages'
import { barColours, darkRules, styles } from './confirmation-mail-style'
import { type ConfirmationMailProps, subjectOf, textOf, wordsOf } from './confirmation-mail-words'

export interface ComposedMail {
  subject: string
  html: string
  text: string
}

/** The same props give the same bytes; HTML and text say the same and carry the same links (H12). */
export function confirmationMail(props: ConfirmationMailProps): ComposedMail {
  return {
    subject: subjectOf(props),
    html: `<!doctype html>\n${render(<Mail {...props} />)}`,
    text: textOf(props),
  }
}

function Mail(props: ConfirmationMailProps): VNode {
  const subject = subjectOf(props)
  return (
    <html lang={props.locale} dir={directionOf(props.locale)}>
      <head>
        <meta charset="utf-8" />
        <title>{subject}</title>
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

function Column(props: ConfirmationMailProps): VNode {
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
          <Body {...props} />
        </td>
      </tr>
      <Sender {...props} />
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

function Body(props: ConfirmationMailProps): VNode {
  const words = wordsOf(props)
  return (
    <>
      <h1 class="ink" style={styles.title}>
        {words.title}
      </h1>
      <p class="ink" style={styles.text}>
        {words.asked}
      </p>
      <Lines lines={props.topics} />
      {props.otherPurposes.length > 0 && (
        <>
          <p class="ink" style={styles.text}>
            {words.purposes}
          </p>
          <Lines lines={props.otherPurposes.map(title => ({ title, cadence: null }))} />
        </>
      )}
      <Button label={words.button} url={props.confirmUrl} />
      <p class="soft" style={styles.small}>
        {words.page}
      </p>
      <p class="ink" style={styles.text}>
        {words.nothing}
      </p>
      <p style={styles.last}>
        <a class="link" href={props.denyUrl} style={styles.link}>
          {words.deny}
        </a>
      </p>
    </>
  )
}

function Lines({ lines }: { lines: ConfirmationMailProps['topics'] }): VNode | null {
  if (lines.length === 0) return null
  return (
    <table
      role="presentation"
      width="100%"
      cellPadding="0"
      cellSpacing="0"
      class="lines"
      style={styles.lines}
    >
      {lines.map(line => (
        <tr key={line.title}>
          <td class="ink line" style={styles.line}>
            <strong>{line.title}</strong>
            {line.cadence && (
              <span class="soft" style={styles.cadence}>
                {' '}
                · {line.cadence}
              </span>
            )}
          </td>
        </tr>
      ))}
    </table>
  )
}

// The cell has the colour and the link the padding: Outlook paints the first, everyone else lets the whole of it be pressed.
function Button({ label, url }: { label: string; url: string }): VNode {
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

function Sender(props: ConfirmationMailProps): VNode {
  const words = wordsOf(props)
  return (
    <tr>
      <td class="soft" style={styles.sender}>
        {words.sender}
        <br />
        {words.contact}
      </td>
    </tr>
  )
}
