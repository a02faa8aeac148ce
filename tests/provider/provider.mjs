// The certified provider of the tests: node-oidc-provider with one sign-in page, and doors that a real provider does not have.
//
//   node provider.mjs '{"clients": [...], "persons": {...}, "deliver": false}'
//
// It listens on a free port of loopback and prints `ready <issuer>`. Doors take JSON with POST below /doors/:
//   rotate   {keep}                                 a new signing key; `keep` publishes the old one on
//   person   {login, ...changes}                    other groups; `closed`: the account is no more
//   tamper   {claims, drop, header, sign, token, leave_out}  what becomes of the next ID token, once
//   mood     {status, seconds}                      answer everything so, or so late; {} ends it
//   logout   {login, session, claims, header, sign} a logout token, tampered with alike; answers with it, and sends it to nobody
//   sent                                            the logout tokens sent since the last time
import crypto from 'node:crypto';
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Provider, interactionPolicy } from 'oidc-provider';

const { clients, persons, deliver } = JSON.parse(process.argv[2]);
/** Authentication by a password alone, and with a second factor (REFEDS profiles). */
const PASSWORD = 'https://refeds.org/profile/sfa';
const SECOND_FACTOR = 'https://refeds.org/profile/mfa';
const SCOPES = 'openid profile email groups';

let keys = [newKey()];
let tamper = null;
let mood = {};
let sent = [];
let issuer;
let provider;

function newKey() {
  const { privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: crypto.randomUUID() };
}

/** The provider with the keys of now. What it remembers (sessions, codes) is outside it, and stays. */
function build() {
  const made = new Provider(issuer, {
    clients,
    jwks: { keys },
    cookies: { keys: ['of the tests'] },
    responseTypes: ['code'],
    acrValues: [PASSWORD, SECOND_FACTOR],
    conformIdTokenClaims: false, // groups and name into the ID token, where the portal looks for them
    scopes: SCOPES.split(' '),
    claims: { openid: ['sub', 'acr', 'amr', 'auth_time', 'sid'], profile: ['name'], email: ['email'], groups: ['groups'] },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'], clientAuthSigningAlgValues: ['ES256'] },
    pkce: { required: () => true },
    clockTolerance: 30,
    interactions: { policy: policy(), url: (_, interaction) => `/interaction/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource },
    },
    findAccount,
    loadExistingGrant,
    renderError: (ctx, error) => { ctx.body = page(`<h1>Not possible</h1><p>${escaped(error.error)}: ${escaped(error.error_description)}</p>`); },
    // Its own fetch refuses to speak to loopback, and the tests have nothing else.
    fetch: async (url, { dispatcher, ...options }) => {
      sent.push(new URLSearchParams(options.body).get('logout_token'));
      return deliver ? fetch(url, options) : new Response(null, { status: 200 });
    },
  });
  made.use(async (ctx, next) => {
    await next();
    if (ctx.oidc?.route === 'token' && ctx.body?.id_token && tamper) {
      ctx.body.id_token = forged(ctx.body.id_token, tamper);
      tamper = null;
    }
  });
  return made;
}

/** `acr_values` alone makes it ask nobody again; here, whoever used a password only is asked for the second factor, too. */
function policy() {
  const prompts = interactionPolicy.base();
  prompts.get('login').checks.add(new interactionPolicy.Check('acr_values', 'a second factor is asked for', (ctx) => {
    const wanted = ctx.oidc.params.acr_values?.split(' ') ?? [];
    const { REQUEST_PROMPT, NO_NEED_TO_PROMPT } = interactionPolicy.Check;
    return wanted.length && !wanted.includes(ctx.oidc.session.acr) ? REQUEST_PROMPT : NO_NEED_TO_PROMPT;
  }));
  return prompts;
}

function findAccount(_, login) {
  const person = persons[login];
  if (!person || person.closed) return undefined;
  const { name, groups } = person;
  return { accountId: login, claims: () => ({ sub: login, name, groups, email: `${login}@organisation.invalid` }) };
}

/** Everybody agrees to everything, as within one organisation. */
async function loadExistingGrant(ctx) {
  const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
  grant.addOIDCScope(SCOPES);
  await grant.save();
  return grant;
}

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decoded = (part) => JSON.parse(Buffer.from(part, 'base64url'));

/** A token with other claims or header, signed with `sign`: our key, `other`, `none`, or `secret` and `public` (HMAC with what others know). */
function forged(token, { claims = {}, drop = [], header = {}, sign = 'own', token: instead, leave_out }) {
  if (leave_out) return undefined;
  if (instead !== undefined) return instead;
  const [head, payload] = token.split('.');
  const alg = { own: 'ES256', other: 'ES256', none: 'none', secret: 'HS256', public: 'HS256' }[sign];
  const changed = { ...decoded(payload), ...claims };
  for (const name of drop) delete changed[name];
  const said = `${encoded({ ...decoded(head), alg, ...header })}.${encoded(changed)}`;
  return `${said}.${signature(said, sign)}`;
}

function signature(said, sign) {
  const jwk = sign === 'other' ? newKey() : keys[0];
  const key = crypto.createPrivateKey({ key: jwk, format: 'jwk' });
  const pem = crypto.createPublicKey(key).export({ type: 'spki', format: 'pem' });
  switch (sign) {
    case 'none': return '';
    case 'secret': return crypto.createHmac('sha256', clients[0].client_secret).update(said).digest('base64url');
    case 'public': return crypto.createHmac('sha256', pem).update(said).digest('base64url');
    default: return crypto.sign('sha256', Buffer.from(said), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
  }
}

const doors = {
  rotate: ({ keep }) => { keys = keep ? [newKey(), ...keys] : [newKey()]; provider = build(); },
  person: ({ login, ...changes }) => { Object.assign(persons[login], changes); },
  tamper: (changes) => { tamper = changes; },
  mood: (wanted) => { mood = wanted; },
  sent: () => { const tokens = sent; sent = []; return tokens; },
  logout: async ({ login, session, ...changes }) => {
    const token = new provider.IdToken({ sub: login }, { client: await provider.Client.find(clients[0].client_id) });
    token.mask = { sub: null };
    token.set('events', { 'http://schemas.openid.net/event/backchannel-logout': {} });
    token.set('jti', crypto.randomUUID());
    if (session) token.set('sid', session);
    return forged(await token.issue({ use: 'logout' }), changes);
  },
};

const escaped = (text) => String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const page = (body) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Organisation</title><main>${body}</main></html>`;
const logoutSource = (ctx, form) => {
  ctx.body = page(`<h1>Sign out of the organisation, too?</h1>${form}<button form="op.logoutForm" name="logout" value="yes">Sign out</button>`);
};

function form(secondFactor, complaint = '') {
  const code = secondFactor ? '<p><label>One-time code <input name="code" autocomplete="one-time-code"></label>' : '';
  return page(`<h1>Organisation</h1>${complaint}<form method="post"><p><label>Name <input name="login" autofocus></label>
    <p><label>Password <input name="password" type="password"></label>${code}
    <p><button>Sign in</button> <button name="cancel" value="yes">Cancel</button></form>`);
}

async function interaction(request, response) {
  const { params, prompt } = await provider.interactionDetails(request, response);
  const secondFactor = (params.acr_values ?? '').split(' ').includes(SECOND_FACTOR);
  if (request.method !== 'POST') return answer(response, 200, form(secondFactor));
  const { login, password, code, cancel } = Object.fromEntries(new URLSearchParams(await body(request)));
  if (cancel) return provider.interactionFinished(request, response, { error: 'access_denied', error_description: 'cancelled' });
  const person = persons[login];
  const right = person && !person.closed && person.password === password && (!secondFactor || person.code === code);
  if (!right) return answer(response, 401, form(secondFactor, '<p role="alert">Name, password or code is wrong.</p>'));
  const done = secondFactor ? { acr: SECOND_FACTOR, amr: ['pwd', 'otp', 'mfa'] } : { acr: PASSWORD, amr: ['pwd'] };
  return provider.interactionFinished(request, response, { [prompt.name]: { accountId: login, remember: true, ...done } });
}

async function body(request) {
  let text = '';
  for await (const part of request) text += part;
  return text;
}

function answer(response, status, text, type = 'text/html; charset=utf-8') {
  response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' });
  response.end(text);
}

async function serve(request, response) {
  const [, where, name] = new URL(request.url, issuer).pathname.split('/');
  if (where === 'doors') {
    const result = await doors[name](JSON.parse(await body(request)));
    return answer(response, 200, JSON.stringify(result ?? null), 'application/json');
  }
  if (mood.seconds) await pause(mood.seconds * 1000);
  if (mood.status) return answer(response, mood.status, 'out of order');
  return where === 'interaction' ? interaction(request, response) : provider.callback()(request, response);
}

const server = http.createServer((request, response) => {
  serve(request, response).catch((error) => { console.error(error); if (!response.headersSent) answer(response, 500, error.name); });
});
server.listen(0, '127.0.0.1', () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  provider = build();
  console.log(`ready ${issuer}`);
});
process.stdin.resume().on('end', () => process.exit()); // whoever started it is gone
