/** The mailbox pages' style sheet. No quotation marks or angle brackets: it is rendered as text. */
export const mailboxStyle = `
:root { color-scheme: light dark; --ink: #1d2433; --quiet: #5c667a; --line: #dfe3ea; --paper: #ffffff;
  --ground: #f4f6f9; --accent: #0b5fc1; --hover: #eef4fc; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9f0; --quiet: #9aa4b8; --line: #2d3545;
  --paper: #1a202c; --ground: #12161f; --accent: #7db4ff; --hover: #222b3b; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 68rem; margin: 0 auto; padding: 1.25rem 1rem 3rem; }
a { color: var(--accent); }
a:focus-visible, button:focus-visible, input:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.top { display: flex; flex-wrap: wrap; gap: .75rem 1.5rem; align-items: center; justify-content: space-between; }
.top h1 { font-size: 1.35rem; margin: 0; }
.top h1 a { color: inherit; text-decoration: none; }
.search { display: flex; gap: .5rem; flex: 1 1 16rem; max-width: 28rem; }
.search input { flex: 1; min-width: 0; }
input, button { font: inherit; padding: .5rem .8rem; border: 1px solid var(--line); border-radius: .5rem;
  background: var(--paper); color: var(--ink); }
button { background: var(--accent); border-color: var(--accent); color: var(--paper); font-weight: 600; }
.count { color: var(--quiet); margin: .75rem 0; font-size: .9rem; }
.mails { list-style: none; margin: 0; padding: 0; background: var(--paper); border: 1px solid var(--line);
  border-radius: .75rem; overflow: hidden; }
.mails li + li { border-top: 1px solid var(--line); }
.mails a { display: grid; grid-template-columns: minmax(0, 16rem) minmax(0, 1fr) auto; gap: 0 1rem;
  padding: .65rem 1rem; color: inherit; text-decoration: none; }
.mails a:hover { background: var(--hover); }
.mails span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.to { grid-row: span 2; align-self: center; }
.subject { font-weight: 600; }
.from { grid-column: 2; grid-row: 2; color: var(--quiet); font-size: .85rem; }
time { color: var(--quiet); font-size: .85rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
.mails time { grid-column: 3; grid-row: 1; }
.empty { padding: 3rem 1rem; text-align: center; color: var(--quiet); background: var(--paper);
  border: 1px dashed var(--line); border-radius: .75rem; }
.pager { display: flex; justify-content: space-between; gap: 1rem; margin-top: 1rem; color: var(--quiet); }
article { margin-top: 1rem; background: var(--paper); border: 1px solid var(--line); border-radius: .75rem;
  overflow: hidden; }
article h2 { margin: 1.1rem 1.25rem .5rem; font-size: 1.3rem; line-height: 1.3; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .15rem 1rem; margin: 0 1.25rem 1rem; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
.tabs { display: flex; gap: .25rem; padding: 0 1rem; border-bottom: 1px solid var(--line); overflow-x: auto; }
.tabs a { padding: .55rem .85rem; text-decoration: none; color: var(--quiet); white-space: nowrap;
  border-bottom: 3px solid transparent; }
.tabs a[aria-current] { color: var(--ink); font-weight: 600; border-bottom-color: var(--accent); }
iframe { display: block; width: 100%; height: 75vh; border: 0; background: #ffffff; }
pre { margin: 0; padding: 1.25rem; white-space: pre-wrap; overflow-wrap: anywhere;
  font: .95rem/1.55 ui-monospace, monospace; }
.source { font-size: .8rem; }
@media (max-width: 40rem) {
  .mails a { grid-template-columns: minmax(0, 1fr); }
  .mails .to, .mails time { grid-row: auto; grid-column: 1; font-size: .85rem; }
  .mails .subject { grid-row: 1; white-space: normal; }
  .mails .from { display: none; }
}
`
