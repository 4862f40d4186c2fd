import type { VNode } from 'preact'
import { message } from '../../messages'

/** A sum for the browser, and words for those whose browser runs no scripts. The script finds it by its data. */
export function Challenge({ locale, challenge }: { locale: string; challenge: string }): VNode {
  return (
    <div class="challenge">
      <input type="hidden" name="challengeSolution" value="" data-challenge={challenge} />
      <p role="status" data-done={message(locale, 'signup.challengeDone')} hidden>
        {message(locale, 'signup.challenge')}
      </p>
      <noscript>
        <p>{message(locale, 'signup.challengeScript')}</p>
      </noscript>
      <script type="module" src="/assets/challenge.js" />
    </div>
  )
}
