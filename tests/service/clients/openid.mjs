// SPDX-License-Identifier: Apache-2.0
// The whole flow with the npm packages openid-client and jose, as an application would write it.
// Reads {issuer, clientId, clientSecret?, authentication, email, password, policyUrl} from
// standard input and writes what happened as JSON.
import { FetchBrowser, readInput } from './common.mjs';

const client = await import('openid-client');
const jose = await import('jose');
const input = await readInput();
const redirectUri = 'http://127.0.0.1:8765/callback';

const authentications = {
  basic: () => client.ClientSecretBasic(input.clientSecret),
  post: () => client.ClientSecretPost(input.clientSecret),
  none: () => client.None(),
};

// The issuer is http:// in tests; everything else is as the package comes.
const config = await client.discovery(new URL(input.issuer), input.clientId, undefined,
  authentications[input.authentication](), { execute: [client.allowInsecureRequests] });
client.enableNonRepudiationChecks(config); // check ID tokens against the JWKS as well
const server = config.serverMetadata();

async function begin(parameters = {}) {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const nonce = client.randomNonce();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid profile email offline_access',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...parameters,
  });
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce,
    idTokenExpected: true };
  return { url, checks };
}

async function errorOf(promise) {
  try {
    await promise;
    return null;
  } catch (error) {
    return { name: error.constructor.name, code: error.code, error: error.error,
      status: error.status };
  }
}

async function decide(accessToken) {
  const response = await fetch(`${input.policyUrl}/v1/authorize`, {
    method: 'POST',
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ action: 'Action::"view"', resource: 'Document::"handbook"' }),
  });
  return { status: response.status, body: await response.json() };
}

const browser = new FetchBrowser();
const result = { node: process.version, supportsPKCE: server.supportsPKCE() };

// sign in, redeem, use
const { url, checks } = await begin();
const callback = await browser.signIn(url, input.email, input.password);
const tokens = await client.authorizationCodeGrant(config, callback, checks);
result.claims = tokens.claims();
result.scope = tokens.scope;
result.expiresIn = tokens.expiresIn();
result.userinfo = await client.fetchUserInfo(config, tokens.access_token, result.claims.sub);

// the access token, judged by an independent library
const keys = jose.createRemoteJWKSet(new URL(server.jwks_uri));
const verified = await jose.jwtVerify(tokens.access_token, keys, {
  issuer: input.issuer, audience: 'ironwood', typ: 'at+jwt', algorithms: ['ES256'] });
result.accessToken = verified.payload;
result.decision = await decide(tokens.access_token);

// refresh
const renewed = await client.refreshTokenGrant(config, tokens.refresh_token);
result.renewed = {
  userinfo: await client.fetchUserInfo(config, renewed.access_token, result.claims.sub),
  decision: await decide(renewed.access_token),
  rotated: renewed.refresh_token !== tokens.refresh_token,
};

// a second sign-in without a password, then an error that comes back by redirect
const silent = await begin({ prompt: 'none' });
const again = await client.authorizationCodeGrant(config, await browser.redirect(silent.url),
  silent.checks);
result.silentSubject = again.claims().sub;
const stranger = await begin({ prompt: 'none' });
result.strangerError = await errorOf(client.authorizationCodeGrant(config,
  await new FetchBrowser().redirect(stranger.url), stranger.checks));

// misuse that the server must refuse
result.replayError = await errorOf(client.authorizationCodeGrant(config, callback, checks));
const wrong = await begin({ prompt: 'none' });
wrong.checks.pkceCodeVerifier = client.randomPKCECodeVerifier();
result.verifierError = await errorOf(client.authorizationCodeGrant(config,
  await browser.redirect(wrong.url), wrong.checks));
result.familyError = await errorOf(client.refreshTokenGrant(config, renewed.refresh_token));

// revocation, and for the confidential client introspection and a token of its own
if (input.authentication !== 'none') {
  result.introspection = await client.tokenIntrospection(config, again.access_token);
  const own = await client.clientCredentialsGrant(config, {});
  result.ownSubject = jose.decodeJwt(own.access_token).sub;
}
await client.tokenRevocation(config, again.refresh_token);
result.revokedError = await errorOf(
  client.fetchUserInfo(config, again.access_token, result.claims.sub));
if (input.authentication !== 'none') {
  result.introspectionAfter = await client.tokenIntrospection(config, again.access_token);
}

console.log(JSON.stringify(result));
