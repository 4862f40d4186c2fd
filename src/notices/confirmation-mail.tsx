// The mail that asks for the one press that makes a yes valid (O4): who, what, how often, why; no advertising, no image,
// no tracker, and nothing the visitor typed, so that the form cannot carry a message to a stranger.
import type { VNode } from 'preact'
import { type ConfirmationMailProps, subjectOf, textOf, wordsOf } from './confirmation-mail-words'
import { Button, type ComposedMail, mailSheet } from './mail-sheet'
import { styles } from './mail-style'

/** The same props give the same bytes; HTML and text say the same and carry the same links (H12). */
export function confirmationMail(props: ConfirmationMailProps): ComposedMail {
  return {
    subject: subjectOf(props),
    html: mailSheet({ ...props, subject: subjectOf(props), children: <Body {...props} /> }),
    text: textOf(props),
  }
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
