/** Ink on paper, and the same by night. */
export const DOCS_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #F6F4EE; --ink: #17191E; --faded: #5C5E63; --line: #D9D5C9; --sheet: #FCFBF7; --accent: #1F4E79;
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #0D0F13; --ink: #EDEAE1; --faded: #9C9A93; --line: #2B2E35; --sheet: #14171C; --accent: #8DB9E2; }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1.5rem; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.6 Charter, 'Bitstream Charter', 'Sitka Text', Cambria, Georgia, serif;
  display: grid; grid-template-columns: 15rem minmax(0, 54rem); gap: 0 4rem; justify-content: center;
  padding: 3rem 1.5rem 6rem;
}
a { color: inherit; text-decoration-color: var(--line); text-underline-offset: .2em; }
a:hover, a:focus-visible { color: var(--accent); text-decoration-color: currentColor; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
code, .kind { font: .875em/1.6 ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', monospace; }
nav { position: sticky; top: 3rem; align-self: start; max-height: calc(100vh - 6rem); overflow-y: auto; font-size: .875rem; }
nav h2 { margin: 1.25rem 0 .25rem; font-size: .75rem; font-weight: 400; letter-spacing: .08em; text-transform: uppercase; color: var(--faded); border: 0; padding: 0; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav section { break-inside: avoid; }
nav section:first-child h2 { margin-top: 0; }
nav li { padding: .1rem 0; }
nav a { text-decoration: none; }
h1 { font-size: 2.5rem; line-height: 1.1; font-weight: 400; letter-spacing: -.01em; margin: 0 0 .5rem; }
h2 { font-size: 1.5rem; font-weight: 400; margin: 4rem 0 1rem; padding-bottom: .4rem; border-bottom: 1px solid var(--ink); }
h3 { font-size: 1rem; font-weight: 400; margin: 0; overflow-wrap: anywhere; }
h4 { font-size: .75rem; font-weight: 400; letter-spacing: .08em; text-transform: uppercase; color: var(--faded); margin: 1rem 0 .25rem; }
p { margin: .4rem 0; max-width: 42rem; }
.lead { font-size: 1.2rem; color: var(--faded); margin-bottom: 1.5rem; }
.method { display: inline-block; min-width: 4.2em; font-weight: 700; }
article { background: var(--sheet); border: 1px solid var(--line); padding: 1.1rem 1.3rem; margin: 1rem 0; }
article:target, dt:target { border-color: var(--accent); box-shadow: -4px 0 0 var(--accent); }
.faded { color: var(--faded); font-size: .875rem; }
details { margin-top: .6rem; }
summary { cursor: pointer; color: var(--accent); font-size: .875rem; }
.fields { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
th, td { text-align: left; vertical-align: baseline; padding: .35rem 1rem .35rem 0; border-top: 1px solid var(--line); }
tr:first-child th, tr:first-child td { border-top: 0; }
th { font-weight: 400; white-space: nowrap; width: 18rem; }
th .optional { color: var(--faded); font-size: .75rem; }
td.kind { overflow-wrap: anywhere; min-width: 12rem; width: 16rem; }
.refusals { display: flex; flex-wrap: wrap; gap: .2rem .9rem; margin: 0; padding: 0; list-style: none; font-size: .875rem; }
dl { margin: 0; }
dt { margin-top: 1.2rem; padding-left: .6rem; border-left: 1px solid transparent; }
dd { margin: 0 0 0 .6rem; color: var(--faded); }
pre { background: var(--sheet); border: 1px solid var(--line); padding: 1rem; overflow-x: auto; }
@media (max-width: 60rem) {
  body { display: block; padding: 1.5rem 1rem 4rem; }
  nav { position: static; max-height: none; columns: 2 9rem; margin-bottom: 2rem; }
}
@media print { nav { display: none; } body { display: block; } article { break-inside: avoid; } }
`
