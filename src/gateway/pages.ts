/** The few pages that the gateway has itself: nothing from elsewhere. Pure but for hashes of their style and scripts. */
import { createHash } from 'node:crypto';
import { LOOK_KEY } from '../model/page-look.ts';

const STYLE = `:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;max-width:26rem;margin:4rem auto;padding:0 1rem}
h1{font-size:1.25rem}label,input,button{display:block;font:inherit;width:100%;box-sizing:border-box}
input,button{padding:.5rem;margin:.25rem 0 1rem}a{font-weight:600}`;

/** Light or dark, if chosen on the page. A browser that stores nothing throws. */
const LOOK_SCRIPT = `try{const look=localStorage.getItem('${LOOK_KEY}');
if(['light','dark'].includes(look))document.documentElement.style.colorScheme=look}catch{}`;
/** Posts the part after the `#` of its address, and removes it from the browser history. */
const ONCE_SCRIPT = `const form=document.forms[0];form.token.value=location.hash.slice(1);
history.replaceState(null,'',location.pathname);if(form.token.value)form.submit()`;
/** A login is a cookie, which a browser takes over TLS only, or on its own machine. */
const COOKIE_SCRIPT = "if(!isSecureContext||!navigator.cookieEnabled)document.getElementById('cookies').hidden=false";
const SCRIPTS = [LOOK_SCRIPT, ONCE_SCRIPT, COOKIE_SCRIPT].map((script) => `'sha256-${digestOf(script)}'`).join(' ');

/** `same-origin`: without it a browser hides from us where a form of ours comes from. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; script-src ${SCRIPTS}; style-src 'sha256-${digestOf(STYLE)}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};

const COOKIES = `<p id="cookies" hidden>This browser does not keep a login here: it takes https, and cookies.</p>
<script>${COOKIE_SCRIPT}</script>`;

export function oncePage(): string {
  const form = html`<form method="post" action="once"><input type="hidden" name="token"><p>This link logs you in, once.</p><button>Log in</button></form><noscript><p>It needs JavaScript.</p></noscript>`;
  return page('Log in', { html: `${form.html}<script>${ONCE_SCRIPT}</script>` });
}

/** HTML. */
export type Html = { readonly html: string };

/** Inserted values are escaped, unless they are HTML. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | Html | readonly Html[])[]): Html {
  const shown = values.map((value) =>
    typeof value === 'string'
      ? escaped(value)
      : [value]
          .flat()
          .map((each) => (each as Html).html)
          .join(''),
  );
  return { html: parts.reduce((text, part, index) => text + (shown[index - 1] ?? '') + part) };
}

export function page(title: string, body: Html): string {
  const head = html`<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title} - Holdfast</title>`;
  return `<!doctype html><html lang="en"><head>${head.html}<style>${STYLE}</style><script>${LOOK_SCRIPT}</script></head><body><main>${html`<h1>${title}</h1>`.html}${COOKIES}${body.html}</main></body></html>\n`;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
