/** The page at /docs: every route and every refusal, from the values that serve them. */
import { PROBLEM_CODES, PROBLEMS, type ProblemCode } from '@cnop/contract/problem.ts'
import { PUBLIC_ROUTES } from '@cnop/contract/public-routes.ts'
import { type Access, API_BASE, type Route } from '@cnop/contract/route.ts'
import { type FieldRow, fieldRows } from './describe-fields.ts'
import { DOCS_STYLE } from './docs-style.ts'
import { tagOf } from './openapi-document.ts'
import { problemsOf } from './route-problems.ts'

const ROUTES: readonly Route[] = PUBLIC_ROUTES

export function renderDocs(about: { readonly version: string }): string {
  const groups = Map.groupBy(ROUTES, tagOf)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>CNOP API</title>
<style>${DOCS_STYLE}</style>
</head>
<body>
<nav aria-label="Contents">
${[...groups].map(([tag, routes]) => contents(tag, routes)).join('\n')}
<section><h2>All</h2><ul><li><a href="#problems">Problems</a></li><li><a href="/openapi.json">OpenAPI document</a></li></ul></section>
</nav>
<main>
<h1>CNOP API</h1>
<p class="lead">Version ${escaped(about.version)}. Everything this door answers, under <code>${API_BASE}</code>.</p>
${INTRODUCTION}
${[...groups].map(([tag, routes]) => `<h2>${titled(tag)}</h2>\n${routes.map(article).join('\n')}`).join('\n')}
<h2 id="problems">Problems</h2>
<p>A refusal is <code>application/problem+json</code> (RFC 9457). Its <code>code</code> never changes its meaning.</p>
<dl>
${PROBLEM_CODES.map(definition).join('\n')}
</dl>
</main>
</body>
</html>
`
}

const INTRODUCTION = `<p>Sign in with <a href="#login"><code>login</code></a> and send <code>Authorization: Bearer &lt;access_token&gt;</code>. Programs send an API key in its place, and reach the routes of its scopes. Bodies are JSON of 64 KB at most. Unknown body fields are refused, unknown query parameters ignored.</p>
<p>Money, quantities and prices are decimal text in answers; requests take text, or numbers, which are read from their digits. Times are RFC 3339 in UTC.</p>
<p>Routes that move money or orders honour <code>Idempotency-Key</code> (16 to 255 characters): repeat the same request with the same key after a lost answer, and it happens once. <code>Idempotent-Replayed: true</code> marks an answer that was given before.</p>
<p>Routes that say so ask for the second factor again where the account has one: send a code in <code>X-Second-Factor</code>.</p>
<p>Every answer carries <code>X-Request-ID</code> and what is left of the tightest limit: <code>X-RateLimit-Limit</code>, <code>X-RateLimit-Remaining</code> and <code>X-RateLimit-Reset</code> (Unix seconds). After a 429 or a 503, wait for <code>Retry-After</code>.</p>`

const titled = (tag: string): string => escaped(tag.charAt(0).toUpperCase() + tag.slice(1))

function contents(tag: string, routes: readonly Route[]): string {
  const items = routes.map(({ name }) => `<li><a href="#${name}">${name}</a></li>`)
  return `<section><h2>${titled(tag)}</h2><ul>${items.join('')}</ul></section>`
}

const WHO: Readonly<Record<Access, string>> = {
  public: 'Anyone',
  customer: 'A signed-in customer',
  either: 'Anyone, and more for a signed-in customer',
  internal: 'Services',
  operator: 'The operator',
}

function keyScope({ scope }: Route): readonly string[] {
  if (scope === undefined) return []
  return [scope === 'session' ? 'no API key' : `API key with <code>${scope}</code>`]
}

function article(route: Route): string {
  const facts = [
    WHO[route.access],
    ...keyScope(route),
    ...(route.secondFactor ? ['asks for <code>X-Second-Factor</code>'] : []),
    ...(route.cookie ? ['reads the refresh cookie'] : []),
    ...(route.idempotent ? ['honours <code>Idempotency-Key</code>'] : []),
    ...(route.media === 'application/json' ? [] : [`answers <code>${route.media}</code>`]),
  ]
  return `<article id="${route.name}">
<h3><code><span class="method">${route.method}</span> ${escaped(API_BASE + route.path)}</code></h3>
<p>${escaped(route.summary)}.</p>
<p class="faded">${facts.join(' · ')}</p>
${fields('Path', fieldRows(route.params))}
${fields('Query', fieldRows(route.query))}
${route.body === undefined ? '' : fields('Body', fieldRows(route.body))}
${answer(route)}
<details><summary>Refusals</summary><ul class="refusals">${problemsOf(route).map(refusal).join('')}</ul></details>
</article>`
}

function answer(route: Route): string {
  const rows = fieldRows(route.answer)
  if (rows.length === 0) return ''
  return `<details><summary>Answer ${route.status}</summary>${table(rows)}</details>`
}

const fields = (title: string, rows: readonly FieldRow[]): string =>
  rows.length === 0 ? '' : `<h4>${title}</h4>${table(rows)}`

const table = (rows: readonly FieldRow[]): string =>
  `<div class="fields"><table>${rows.map(row).join('')}</table></div>`

const row = ({ name, required, kind, note }: FieldRow): string =>
  `<tr><th scope="row"><code>${escaped(name)}</code>${required ? '' : ' <span class="optional">optional</span>'}</th>` +
  `<td class="kind">${escaped(kind)}</td><td>${escaped(note)}</td></tr>`

const refusal = (code: ProblemCode): string =>
  `<li><a href="#problem-${code}">${PROBLEMS[code].status} ${code}</a></li>`

/** With the routes that refuse so for a reason of their own; the others any route can answer. */
function definition(code: ProblemCode): string {
  const routes = ROUTES.filter(({ problems }) => problems.includes(code))
  const links = routes.map(({ name }) => `<a href="#${name}">${name}</a>`).join(', ')
  return (
    `<dt id="problem-${code}"><code>${PROBLEMS[code].status} ${code}</code></dt>` +
    `<dd>${escaped(PROBLEMS[code].title)}.${links === '' ? '' : ` <span class="faded">${links}</span>`}</dd>`
  )
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign)
