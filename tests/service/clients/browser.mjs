// SPDX-License-Identifier: Apache-2.0
// The pages in a real browser, driven through playwright-core. Reads {issuer, clientId, email,
// password, chromium, shots} from standard input; writes what each scenario saw as JSON, and
// pictures into the directory `shots`.
import { createHash, randomBytes } from 'node:crypto';
import path from 'node:path';
import { readInput, startCallback } from './common.mjs';

const { chromium } = await import('playwright-core');
const input = await readInput();

const app = await startCallback({
  '/frame': () => `<!doctype html><title>Frame</title><iframe src="${authorizeUrl()}"></iframe>`,
  '/attack': () => `<!doctype html><title>Attack</title>
    <form method="post" action="${input.issuer}/oauth/authorize/sign-in">
    <input name="request" value="client_id=${input.clientId}"><input name="csrf" value="x">
    <input name="email" value="${input.email}"><input name="password" value="${input.password}">
    <button>Win a prize</button></form>`,
});

function authorizeUrl(parameters = {}) {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: input.clientId,
    response_type: 'code',
    redirect_uri: app.redirectUri,
    scope: 'openid profile email offline_access',
    state: 'from the browser',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...parameters,
  });
  return `${input.issuer}/oauth/authorize?${query}`;
}

const browser = await chromium.launch({
  executablePath: input.chromium,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-sync',
    '--disable-background-networking', '--disable-component-update'],
});

const problems = []; // what the browser itself complains about: blocked styles, scripts, forms

async function withPage(options, work) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(30000);
  const page = await context.newPage();
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  try {
    return await work(page, context);
  } finally {
    await context.close();
  }
}

async function fillAndSubmit(page, password = input.password) {
  await page.getByLabel('E-mail address').fill(input.email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function landed(page) {
  await page.waitForURL(`${app.redirectUri}?**`);
  return Object.fromEntries(new URL(page.url()).searchParams);
}

const focused = (page) => page.evaluate(() => document.activeElement?.id
  || document.activeElement?.tagName.toLowerCase());

const overflows = (page) => page.evaluate(() =>
  document.documentElement.scrollWidth > document.documentElement.clientWidth);

async function shot(page, name) {
  await page.screenshot({ path: path.join(input.shots, `${name}.png`), fullPage: true });
}

const scenarios = {
  async withoutScripts() {
    return withPage({ javaScriptEnabled: false }, async (page) => {
      await page.goto(authorizeUrl());
      const title = await page.title();
      await fillAndSubmit(page);
      return { title, parameters: await landed(page) };
    });
  },

  async keyboardOnly() {
    return withPage({}, async (page) => {
      const stops = [];
      await page.goto(authorizeUrl());
      stops.push(await focused(page)); // where one starts to type
      await page.keyboard.type(input.email);
      await page.keyboard.press('Tab');
      stops.push(await focused(page));
      await page.keyboard.type(input.password);
      await page.keyboard.press('Tab');
      stops.push(await focused(page));
      const outline = await page.evaluate(() =>
        getComputedStyle(document.activeElement).outlineStyle);
      await page.keyboard.press('Shift+Tab');
      stops.push(await focused(page));
      await page.keyboard.press('Enter');
      return { stops, outline, parameters: await landed(page) };
    });
  },

  async labels() {
    return withPage({}, async (page) => {
      await page.goto(authorizeUrl());
      return {
        headings: await page.getByRole('heading', { level: 1 }).allTextContents(),
        main: await page.getByRole('main').count(),
        email: await page.getByRole('textbox', { name: 'E-mail address' }).count(),
        password: await page.getByLabel('Password', { exact: true }).getAttribute('type'),
        button: await page.getByRole('button', { name: 'Sign in' }).count(),
        language: await page.locator('html').getAttribute('lang'),
        heights: await page.locator('input:visible, button').evaluateAll((all) =>
          all.map((one) => one.getBoundingClientRect().height)),
      };
    });
  },

  async wrongPassword() {
    return withPage({}, async (page) => {
      await page.goto(authorizeUrl());
      await fillAndSubmit(page, 'not the password');
      const alert = page.getByRole('alert');
      await alert.waitFor();
      const seen = {
        alert: await alert.innerText(),
        title: await page.title(),
        email: await page.getByLabel('E-mail address').inputValue(),
        password: await page.getByLabel('Password').inputValue(),
        focus: await focused(page),
        invalid: await page.getByLabel('Password').getAttribute('aria-invalid'),
        describedBy: await page.getByLabel('Password').getAttribute('aria-describedby'),
        alertId: await alert.getAttribute('id'),
      };
      await shot(page, 'wrong-password');
      await page.getByLabel('Password').fill(input.password);
      await page.keyboard.press('Enter');
      return { ...seen, parameters: await landed(page) };
    });
  },

  async consent() {
    return withPage({}, async (page) => {
      await page.goto(authorizeUrl({ prompt: 'consent' }));
      await fillAndSubmit(page);
      await page.getByRole('button', { name: 'Allow', exact: true }).waitFor();
      const items = await page.getByRole('listitem').allTextContents();
      await shot(page, 'consent');
      await page.setViewportSize({ width: 320, height: 640 });
      const narrow = await overflows(page);
      await shot(page, 'consent-narrow');
      await page.getByRole('button', { name: 'Do not allow' }).click();
      const refused = await landed(page);
      await page.goto(authorizeUrl({ prompt: 'consent' }));
      await page.getByRole('button', { name: 'Allow', exact: true }).click();
      return { items, narrow, refused, allowed: await landed(page) };
    });
  },

  async signOut() {
    return withPage({}, async (page) => {
      await page.goto(authorizeUrl());
      await fillAndSubmit(page);
      await landed(page);
      await page.goto(authorizeUrl({ prompt: 'none' }));
      const before = await landed(page);
      await page.goto(`${input.issuer}/oauth/logout`);
      await shot(page, 'sign-out');
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: 'Signed out' }).waitFor();
      await shot(page, 'signed-out');
      await page.goto(authorizeUrl({ prompt: 'none' }));
      return { before, after: await landed(page) };
    });
  },

  async otherSites() {
    const known = problems.length;
    const seen = await withPage({}, async (page, context) => {
      await page.goto(authorizeUrl());
      await page.goto(`${app.origin}/frame`);
      const frame = page.frames()[1];
      const framed = await frame.locator('form').count().catch(() => 0);
      await page.goto(`${app.origin}/attack`);
      await page.getByRole('button').click();
      await page.getByRole('heading', { level: 1 }).waitFor();
      const names = (await context.cookies(input.issuer)).map((cookie) => cookie.name);
      return { framed, posted: await page.title(), names };
    });
    problems.length = known; // here the browser is meant to complain
    return seen;
  },

  async cookies() {
    return withPage({}, async (page, context) => {
      await page.goto(authorizeUrl());
      await fillAndSubmit(page);
      await landed(page);
      await page.goto(`${input.issuer}/oauth/logout`);
      return { readable: await page.evaluate(() => document.cookie),
        flags: (await context.cookies(input.issuer)).map(({ name, httpOnly, sameSite }) =>
          ({ name, httpOnly, sameSite })) };
    });
  },

  async pictures() {
    const looks = {
      desktop: {},
      dark: { colorScheme: 'dark' },
      mobile: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true },
      'mobile-dark': { viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
      narrow: { viewport: { width: 320, height: 568 } },
      'high-contrast': { forcedColors: 'active' },
    };
    const result = {};
    for (const [name, options] of Object.entries(looks)) {
      result[name] = await withPage(options, async (page) => {
        await page.goto(authorizeUrl());
        await shot(page, `sign-in-${name}`);
        return { overflows: await overflows(page),
          ground: await page.evaluate(() => getComputedStyle(document.body).backgroundColor) };
      });
    }
    await withPage({ colorScheme: 'dark' }, async (page) => {
      await page.goto(authorizeUrl({ login_hint: input.email }));
      await page.getByLabel('Password').fill('not the password');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').waitFor();
      await shot(page, 'wrong-password-dark');
    });
    await withPage({}, async (page) => {
      await page.goto(`${input.issuer}/oauth/authorize?client_id=nobody`);
      await shot(page, 'error');
    });
    return result;
  },
};

const result = {};
try {
  for (const [name, scenario] of Object.entries(scenarios)) {
    try {
      result[name] = await scenario();
    } catch (error) {
      result[name] = { failed: String(error.stack ?? error) };
    }
  }
} finally {
  await browser.close();
  app.close();
}
result.problems = problems;
console.log(JSON.stringify(result));
