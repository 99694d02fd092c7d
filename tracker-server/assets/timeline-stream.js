// New activities as they arrive: server-sent events, read with `fetch`, because an `EventSource`
// can't send a token.
//
// A broken connection is made again, and resumes after the last handled event: nothing is lost, and
// nothing comes twice. The same holds after a pause. A stream that has ended may be refused when it
// is opened again: it ends with the permission to see the project.

import { Problem } from "./timeline-client.js";
import { parseJson } from "./timeline-json.js";
import { t } from "./timeline-texts.js";

const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 30_000;
// The server sends something every 15 s. A connection that is silent for longer than two of these
// is dead.
const SILENCE_MS_MAX = 40_000;
const EVENT_CHARACTERS_MAX = 4_000_000;

export class LiveStream {
  #client;
  #parameters;
  #listener;
  #lastEventId = null;
  #connection = null;
  #paused = false;
  #closed = false;
  #wake = () => {};

  /**
   * `listener` has `ready({ resumed, place })`, `activity(json)`, `down(error)`, and
   * `refused(error)` for errors that a later try would not change. A stream that is `ready` but not
   * `resumed` misses what came before its place.
   */
  constructor(client, parameters, listener) {
    this.#client = client;
    this.#parameters = parameters;
    this.#listener = listener;
    this.#run();
  }

  pause() {
    this.#paused = true;
    this.#connection?.abort();
  }

  /** Resumes at once, even during the wait before the next try. */
  resume() {
    this.#paused = false;
    this.#wake();
  }

  close() {
    this.#closed = true;
    this.#connection?.abort();
    this.#wake();
  }

  async #run() {
    let failures = 0;
    while (!this.#closed) {
      if (this.#paused) {
        await this.#sleep();
        continue;
      }
      let error = null;
      try {
        await this.#connect(() => (failures = 0));
      } catch (caught) {
        error = caught;
      }
      if (this.#closed || this.#paused) continue;
      // The server may not know the place any more. The stream then starts from now on.
      const unknownPlace = this.#lastEventId !== null && error?.status === 400;
      if (isFinal(error) && !unknownPlace) return this.#listener.refused(error);
      if (unknownPlace) this.#lastEventId = null;
      this.#listener.down(error);
      await this.#sleep(Math.max(backoff_ms(failures++), Math.min(error?.retryAfter_ms ?? 0, 10 * RETRY_MS_MAX)));
    }
  }

  async #connect(succeeded) {
    const connection = (this.#connection = new AbortController());
    let watchdog;
    const alive = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => connection.abort(), SILENCE_MS_MAX);
    };
    const resumed = this.#lastEventId !== null;
    const headers = { Accept: "text/event-stream" };
    if (resumed) headers["Last-Event-ID"] = this.#lastEventId;
    try {
      alive();
      const response = await this.#client.open("/stream", this.#parameters, headers, connection.signal);
      for await (const event of serverSentEvents(response.body, alive)) {
        // An event that was received after the stream was closed or paused is not handled, so it is
        // asked for again.
        if (connection.signal.aborted) break;
        if (event.type === "ready") {
          succeeded();
          this.#listener.ready({ resumed, place: event.id });
          // The event may name the newest activity, while those since the last handled one are
          // still to come.
          if (resumed) continue;
        } else if (event.type === "activity") {
          const activity = parsed(event.data);
          if (activity) this.#listener.activity(activity);
        }
        this.#lastEventId = event.id ?? this.#lastEventId;
      }
    } finally {
      clearTimeout(watchdog);
      connection.abort();
    }
  }

  #sleep(delay_ms) {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (delay_ms !== undefined) setTimeout(resolve, delay_ms);
    });
  }
}

function isFinal(error) {
  return error instanceof Problem && error.status < 500 && error.status !== 429 && error.status !== 408;
}

/**
 * Returns the activity, or `null` if it can't be parsed: another request would bring the same text.
 */
function parsed(data) {
  try {
    return parseJson(data);
  } catch {
    return null;
  }
}

/**
 * Returns the back-off, which doubles with each failure. It is random, so that clients do not all
 * return at once to a server that is back.
 */
function backoff_ms(failures) {
  const longest_ms = Math.min(RETRY_MS_MIN * 2 ** failures, RETRY_MS_MAX);
  return longest_ms * (0.5 + Math.random() / 2);
}

/**
 * Yields the events of a body as `{ type, data, id }`, parsed as the HTML standard says.
 * `received()` is called whenever something has come.
 */
async function* serverSentEvents(body, received) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let event = { type: "message", data: [], id: null };
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      received();
      rest += value;
      if (rest.length > EVENT_CHARACTERS_MAX) throw new Problem(t("failure.unreadable"), 502);
      // A CR at the end may be the first half of a CRLF.
      const whole = rest.endsWith("\r") ? rest.length - 1 : rest.length;
      const lines = rest.slice(0, whole).split(/\r\n|\n|\r/);
      rest = lines.pop() + rest.slice(whole);
      for (const line of lines) {
        if (line === "") {
          if (event.data.length > 0) yield { ...event, data: event.data.join("\n") };
          event = { type: "message", data: [], id: null };
        } else {
          readField(line, event);
        }
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function readField(line, event) {
  const [, name, value] = /^([^:]*):? ?([^]*)$/.exec(line);
  if (name === "event") event.type = value;
  if (name === "data") event.data.push(value);
  if (name === "id" && !value.includes("\0")) event.id = value;
}
