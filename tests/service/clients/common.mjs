// SPDX-License-Identifier: Apache-2.0
// What the client programs share: their input, a callback server, and a browser made of fetch.
import http from 'node:http';
import { webcrypto } from 'node:crypto';

// Node 18, which Debian 12 has, keeps WebCrypto out of the global scope.
globalThis.crypto ??= webcrypto;

export async function readInput() {
  let text = '';
  for await (const piece of process.stdin) text += piece;
  return JSON.parse(text);
}

// The application's own server: collects what browsers bring back to /callback.
export async function startCallback(pages = {}) {
  const visits = [];
  const server = http.createServer((request, response) => {
    const url = new URL(request.url, `http://127.0.0.1:${server.address().port}`);
    visits.push(url);
    const page = pages[url.pathname] ?? '<!doctype html><title>App</title><h1>Welcome back</h1>';
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(typeof page === 'function' ? page(url) : page);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return { origin, redirectUri: `${origin}/callback`, visits, close: () => server.close() };
}

function unescapeHtml(text) {
  const names = { lt: '<', gt: '>', quot: '"', amp: '&' };
  return text.replace(/&(?:#(\d+)|(\w+));/g, (all, code, name) =>
    code ? String.fromCodePoint(Number(code)) : (names[name] ?? all));
}

// Cookies, redirects and forms; enough of a browser for a page without scripts.
export class FetchBrowser {
  cookies = new Map();

  async request(url, init = {}) {
    const headers = { ...init.headers };
    if (this.cookies.size > 0) {
      headers.cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    }
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie?.() ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      this.cookies.set(name, value);
    }
    return response;
  }

  // Opens the URL and sends the sign-in form it shows; resolves to the redirect.
  async signIn(url, email, password) {
    const response = await this.request(url);
    if (response.status !== 200) throw new Error(`no page but ${response.status}`);
    const html = await response.text();
    const action = /<form method="post" action="([^"]*)"/.exec(html)[1];
    const fields = new URLSearchParams();
    const hidden = /<input type="hidden" name="([^"]*)" value="([^"]*)">/g;
    for (const [, name, value] of html.matchAll(hidden)) {
      fields.set(unescapeHtml(name), unescapeHtml(value));
    }
    fields.set('email', email);
    fields.set('password', password);
    return this.redirect(new URL(unescapeHtml(action), url), { method: 'POST', body: fields });
  }

  async redirect(url, init) {
    const response = await this.request(url, init);
    if (response.status !== 303) {
      throw new Error(`no redirect but ${response.status}: ${await response.text()}`);
    }
    return new URL(response.headers.get('location'));
  }
}
