// Runs in the visitor's browser, only while unusually many sign-ups come in: does the proof of work, then frees the button.
import { deriveKey } from '/assets/altcha/algorithms/web/pbkdf2.js'
import { solveChallenge } from '/assets/altcha/pow.js'

const input = document.querySelector('input[data-challenge]')
const status = input.parentElement.querySelector('[role=status]')
const button = input.form.querySelector('button[type=submit]')

status.hidden = false
button.disabled = true
const challenge = JSON.parse(input.dataset.challenge)
const solution = await solveChallenge({ challenge, deriveKey })
if (solution) {
  input.value = btoa(JSON.stringify({ challenge, solution }))
  status.textContent = status.dataset.done
}
button.disabled = false
