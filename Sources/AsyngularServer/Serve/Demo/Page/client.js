// A small client of the SocketCluster protocol, enough for the demo: handshake with a stored token, calls, channels,
// pings, tokens that the server sets and removes, reconnection.
//
// It tells what happens by DOM events: 'status', 'authstate', 'token', 'ping', 'message', 'kickout', 'log'.

/** An error that the server answered a call with, or that the connection caused. */
export class CallError extends Error {
  constructor({ name = 'Error', message = 'Unknown error' } = {}) {
    super(message);
    this.name = name;
  }
}

/** Keeps the signed token where every page of this site finds it. */
export class TokenStore {
  static key = 'asyngular.authToken';

  get() {
    return localStorage.getItem(TokenStore.key);
  }

  set(token) {
    localStorage.setItem(TokenStore.key, token);
  }

  remove() {
    localStorage.removeItem(TokenStore.key);
  }
}

/** The claims of a signed token. They are shown, not trusted: only the server verifies. */
export function claimsOf(token) {
  try {
    const text = atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (c) => c.charCodeAt(0))));
  } catch {
    return null;
  }
}

const CALL_TIMEOUT = 10_000;
const BACK_OFF = { first: 1_000, factor: 1.7, most: 20_000 };

export class Client extends EventTarget {
  #url;
  #ping;
  #pong;
  #tokens;
  #socket = null;
  #calls = new Map();
  #lastCall = 0;
  #wanted = false;
  #attempts = 0;
  #retryTimer;
  #pingTimer;
  #pingTimeout = 20_000;
  #channels = new Set();

  /** 'closed', 'connecting' or 'open'. */
  status = 'closed';
  id = null;
  /** The signed token by which the server knows this connection; null while it is anonymous. */
  token = null;

  constructor(url, { protocolVersion = 2, tokens = new TokenStore() } = {}) {
    super();
    this.#url = url;
    this.#ping = protocolVersion === 1 ? '#1' : '';
    this.#pong = protocolVersion === 1 ? '#2' : '';
    this.#tokens = tokens;
  }

  get isAuthenticated() {
    return this.token !== null;
  }

  get channels() {
    return [...this.#channels];
  }

  // ---- Connection

  /** Connects, and resolves when the handshake is done. Stays connected until disconnect(). */
  connect() {
    this.#wanted = true;
    if (this.status === 'open') return Promise.resolve();
    const opened = new Promise((resolve, reject) => {
      const settle = () => {
        if (this.status === 'connecting') return;
        this.removeEventListener('status', settle);
        if (this.status === 'open') resolve();
        else reject(new CallError({ name: 'ConnectionError', message: 'The connection could not be opened' }));
      };
      this.addEventListener('status', settle);
    });
    if (this.status === 'closed') this.#open();
    return opened;
  }

  disconnect() {
    this.#wanted = false;
    clearTimeout(this.#retryTimer);
    this.#socket?.close(1000);
  }

  #open() {
    clearTimeout(this.#retryTimer);
    this.#setStatus('connecting');
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => this.#handshake();
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code, reason }) => this.#closed(code, reason);
  }

  async #handshake() {
    this.#awaitPing();
    const token = this.#tokens.get();
    try {
      const answer = await this.invoke('#handshake', { authToken: token });
      this.id = answer.id;
      this.#pingTimeout = answer.pingTimeout;
      this.#awaitPing();
      this.#attempts = 0;
      if (answer.authError) this.#log('error', `Token refused: ${answer.authError.name}: ${answer.authError.message}`);
      this.#setStatus('open');
      this.#setToken(answer.isAuthenticated ? token : null, 'in the handshake');
      for (const channel of this.#channels) this.#subscribeAgain(channel);
    } catch (error) {
      this.#log('error', `Handshake failed: ${error.message}`);
      this.#socket?.close(4003);
    }
  }

  #closed(code, reason) {
    clearTimeout(this.#pingTimer);
    this.#socket = null;
    this.id = null;
    for (const call of this.#calls.values()) {
      call.reject(new CallError({ name: 'BadConnectionError', message: 'The connection was closed' }));
    }
    this.#calls.clear();
    this.#log('info', `Connection closed, code ${code}${reason ? ` (${reason})` : ''}`);
    this.#setStatus('closed');
    if (!this.#wanted) return;
    const delay = Math.min(BACK_OFF.first * BACK_OFF.factor ** this.#attempts++, BACK_OFF.most) * (0.75 + Math.random() / 2);
    this.#log('info', `Connecting again in ${(delay / 1000).toFixed(1)} s`);
    this.#retryTimer = setTimeout(() => this.#open(), delay);
  }

  #setStatus(status) {
    this.status = status;
    this.#emit('status', { status });
  }

  // A server that does not ping any more is gone, whatever TCP says.
  #awaitPing() {
    clearTimeout(this.#pingTimer);
    this.#pingTimer = setTimeout(() => {
      this.#log('error', 'No ping from the server');
      this.#socket?.close(4000);
    }, this.#pingTimeout);
  }

  // ---- Messages

  #receive(text) {
    if (text === this.#ping) {
      this.#socket.send(this.#pong);
      this.#awaitPing();
      this.#emit('ping', {});
      return;
    }
    let packets;
    try {
      packets = [JSON.parse(text)].flat();
    } catch {
      this.#log('info', `Raw message: ${text}`);
      return;
    }
    for (const packet of packets) this.#handle(packet);
  }

  #handle(packet) {
    const call = this.#calls.get(packet.rid);
    if (call) {
      this.#calls.delete(packet.rid);
      if (packet.error) call.reject(new CallError(packet.error));
      else call.resolve(packet.data);
      return;
    }
    switch (packet.event) {
      case '#setAuthToken':
        this.#tokens.set(packet.data.token);
        this.#emit('token', { change: 'stored' });
        this.#setToken(packet.data.token, 'by the server');
        break;
      case '#removeAuthToken':
        this.#tokens.remove();
        this.#emit('token', { change: 'removed' });
        this.#setToken(null, 'by the server');
        break;
      case '#publish':
        this.#emit('message', packet.data);
        break;
      case '#kickOut':
        this.#channels.delete(packet.data.channel);
        this.#emit('kickout', packet.data);
        break;
      default:
        this.#log('info', `Unknown event ${packet.event}`);
        return;
    }
    // The server may ask for an acknowledgement.
    if (packet.cid !== undefined) this.#send({ rid: packet.cid });
  }

  #send(packet) {
    if (this.#socket?.readyState !== WebSocket.OPEN) {
      throw new CallError({ name: 'BadConnectionError', message: 'Not connected' });
    }
    this.#socket.send(JSON.stringify(packet));
  }

  /** Calls a procedure; resolves with its answer. */
  invoke(event, data) {
    const cid = ++this.#lastCall;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#calls.delete(cid);
        reject(new CallError({ name: 'TimeoutError', message: `No answer to ${event}` }));
      }, CALL_TIMEOUT);
      const settled = (settle) => (value) => {
        clearTimeout(timer);
        settle(value);
      };
      this.#calls.set(cid, { resolve: settled(resolve), reject: settled(reject) });
      try {
        this.#send({ event, data, cid });
      } catch (error) {
        this.#calls.delete(cid);
        settled(reject)(error);
      }
    });
  }

  // ---- Channels

  async subscribe(channel) {
    await this.invoke('#subscribe', { channel });
    this.#channels.add(channel);
  }

  async unsubscribe(channel) {
    this.#channels.delete(channel);
    await this.invoke('#unsubscribe', channel);
  }

  publish(channel, data) {
    return this.invoke('#publish', { channel, data });
  }

  async #subscribeAgain(channel) {
    try {
      await this.subscribe(channel);
    } catch (error) {
      this.#channels.delete(channel);
      this.#emit('kickout', { channel, message: error.message });
    }
  }

  // ---- Identity

  #setToken(token, how) {
    const changed = this.token !== token;
    this.token = token;
    // The same token in a new handshake is news too: how it was presented.
    if (changed || token !== null) this.#emit('authstate', { how });
  }

  #log(level, text) {
    this.#emit('log', { level, text });
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
