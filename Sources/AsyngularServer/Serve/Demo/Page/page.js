// Ties the page to the client: what the user does goes to the server, what the server says is shown.

import { CallError, Client, TokenStore, claimsOf } from '/client.js';

const element = (id) => document.getElementById(id);
const show = (id, text) => {
  element(id).textContent = text;
};

const tokens = new TokenStore();
const { path, protocolVersion } = await (await fetch('/config.json')).json();
const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
const client = new Client(`${scheme}://${location.host}${path}`, { protocolVersion, tokens });

let pings = 0;
let lastPing = null;
let how = '';

// ---- The lists

function append(list, text, level = 'info') {
  const item = document.createElement('li');
  item.dataset.level = level;
  const time = document.createElement('time');
  const now = new Date();
  time.dateTime = now.toISOString();
  time.textContent = now.toLocaleTimeString([], { hour12: false });
  const body = document.createElement('span');
  body.textContent = text;
  item.append(time, body);
  list.append(item);
  while (list.children.length > 200) list.firstChild.remove();
  list.scrollTop = list.scrollHeight;
}

const log = (text, level) => append(element('log'), text, level);

// ---- What is shown

function render() {
  const isOpen = client.status === 'open';
  // An identity lives in the connection: without one there is none, whatever is stored.
  const isAuthenticated = isOpen && client.isAuthenticated;
  const authState = isAuthenticated ? 'authenticated' : 'unauthenticated';
  for (const [id, state] of [['connection-badge', client.status], ['auth-badge', authState]]) {
    element(id).dataset.state = state;
    show(id, state);
  }
  show('connection-state', client.status);
  show('auth-state', isAuthenticated ? `authenticated ${how}` : authState);
  show('socket-id', client.id ?? '–');

  const claims = isAuthenticated ? claimsOf(client.token) : null;
  show('claims', claims ? JSON.stringify(claims, null, 2) : '–');
  show('stored', tokens.get() ? 'a signed token' : 'nothing');
  show('who', claims?.username ?? '–');
  show('how', how);
  element('login-form').hidden = isAuthenticated;
  element('logged-in').hidden = !isAuthenticated;

  element('connect').disabled = client.status !== 'closed';
  element('disconnect').disabled = client.status === 'closed';
  for (const id of ['echo-send', 'subscribe', 'publish']) element(id).disabled = !isOpen;
  renderSubscription();
  renderTimes();
}

function renderSubscription() {
  const isSubscribed = client.channels.includes(element('channel').value);
  element('subscribe').setAttribute('aria-pressed', isSubscribed);
  show('subscribe', isSubscribed ? 'Unsubscribe' : 'Subscribe');
}

function renderTimes() {
  show('pings', pings);
  show('last-ping', lastPing ? `, last ${Math.round((Date.now() - lastPing) / 1000)} s ago` : '');
  const expiry = client.status === 'open' && client.token ? claimsOf(client.token)?.exp : undefined;
  if (expiry === undefined) {
    show('expiry', '–');
    return;
  }
  const left = Math.max(0, Math.round(expiry - Date.now() / 1000));
  const parts = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  show('expiry', `in ${parts.map((part) => String(part).padStart(2, '0')).join(':')}`);
}

setInterval(renderTimes, 1000);

// ---- What the client tells

client.addEventListener('status', ({ detail }) => {
  if (detail.status === 'open') log(`Connected as socket ${client.id}`, 'good');
  render();
});
client.addEventListener('authstate', ({ detail }) => {
  how = detail.how;
  if (client.isAuthenticated) log(`Authenticated ${how}`, 'good');
  else log(`No longer authenticated (${how})`);
  render();
});
client.addEventListener('token', ({ detail }) => {
  log(detail.change === 'stored' ? '#setAuthToken: the token was stored' : '#removeAuthToken: the token was removed');
  render();
});
client.addEventListener('ping', () => {
  pings += 1;
  lastPing = Date.now();
  renderTimes();
});
client.addEventListener('message', ({ detail }) => {
  const text = typeof detail.data === 'string' ? detail.data : JSON.stringify(detail.data);
  append(element('messages'), `${detail.channel}: ${text}`);
});
client.addEventListener('kickout', ({ detail }) => {
  log(`No longer in ${detail.channel}${detail.message ? `: ${detail.message}` : ''}`, 'error');
  renderSubscription();
});
client.addEventListener('log', ({ detail }) => log(detail.text, detail.level));

// ---- What the user does

/** Runs an action; shows its error in the element given, and returns whether it went well. */
async function attempt(errorElement, action) {
  show(errorElement, '');
  try {
    await action();
    return true;
  } catch (error) {
    show(errorElement, error.message);
    log(`${error.name}: ${error.message}`, 'error');
    return false;
  } finally {
    render();
  }
}

async function loginByHTTP(credentials) {
  const response = await fetch('/login', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(credentials),
  });
  const isJSON = response.headers.get('Content-Type')?.startsWith('application/json');
  const answer = isJSON ? await response.json() : {};
  if (!response.ok) throw new CallError({ name: 'LoginError', message: answer.error ?? `HTTP ${response.status}` });
  tokens.set(answer.token);
  log('POST /login: the token was stored');
  // The handshake presents it; an anonymous connection is replaced.
  await reconnect();
}

async function reconnect() {
  if (client.status !== 'closed') {
    const closed = new Promise((resolve) => client.addEventListener('status', resolve, { once: true }));
    client.disconnect();
    await closed;
  }
  await client.connect();
}

async function loginByWebSocket(credentials) {
  await client.connect();
  // The answer says that the credentials are right; the token follows in #setAuthToken.
  await client.invoke('login', credentials);
}

element('login-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const credentials = { username: element('username').value, password: element('password').value };
  const login = event.submitter?.value === 'websocket' ? loginByWebSocket : loginByHTTP;
  if (await attempt('login-error', () => login(credentials))) element('password').value = '';
});

element('logout').addEventListener('click', () => attempt('login-error', () => client.invoke('logout')));
element('connect').addEventListener('click', () => attempt('login-error', () => client.connect()));
element('disconnect').addEventListener('click', () => client.disconnect());

element('echo-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const start = performance.now();
  try {
    const answer = await client.invoke('echo', element('echo-text').value);
    show('echo-result', `${JSON.stringify(answer)} in ${(performance.now() - start).toFixed(1)} ms`);
  } catch (error) {
    show('echo-result', `${error.name}: ${error.message}`);
  }
});

element('channel-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const channel = element('channel').value;
  if (client.channels.includes(channel)) {
    if (await attempt('channel-error', () => client.unsubscribe(channel))) log(`Left ${channel}`);
  } else if (await attempt('channel-error', () => client.subscribe(channel))) {
    log(`Subscribed to ${channel}`, 'good');
  }
});

element('publish-form').addEventListener('submit', (event) => {
  event.preventDefault();
  attempt('channel-error', () => client.publish(element('channel').value, element('message').value));
});

element('channel').addEventListener('input', renderSubscription);

// ---- The beginning

render();
if (tokens.get()) {
  log('A stored token was found: connecting');
  attempt('login-error', () => client.connect());
}
