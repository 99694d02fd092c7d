// The API: the list of projects, or what one project has.

import { parseJson } from "./timeline-json.js";
import { t } from "./timeline-texts.js";

const ANSWER_MS_MAX = 30_000;

/** An error of the API, in the words of its `application/problem+json`. */
export class Problem extends Error {
  /**
   * `login` is the address of the application's login, and `parameter` the one with a wrong value,
   * if the server names them.
   */
  constructor(message, status, { retryAfter_ms = null, login = null, parameter = null } = {}) {
    super(message);
    this.name = "Problem";
    this.status = status;
    this.retryAfter_ms = retryAfter_ms;
    this.login = login;
    this.parameter = parameter;
  }
}

/** Returns true if the server says that the project may not be seen, or is not there. */
export function isDenial(error) {
  return error instanceof Problem && (error.status === 403 || error.status === 404);
}

export class Client {
  #address;
  #token;

  /** The list of projects. */
  static ofProjects(base, token) {
    return new Client(base, "", token);
  }

  /** A resource of a project. */
  static ofProject(base, project, token, resource = "/activities") {
    return new Client(base, `/${encodeURIComponent(project)}${resource}`, token);
  }

  /** `base` stands before `/api`; "" is this page's own origin. `path` follows `/projects`. */
  constructor(base, path, token) {
    this.#address = `${base.replace(/\/+$/, "")}/api/projects${path}`;
    this.#token = token;
  }

  /**
   * Loads JSON. It rejects with a `Problem`, or with the error of `fetch` if there is no answer.
   */
  async get(path, parameters, signal) {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX)]);
    return jsonOf(await this.open(path, parameters, { Accept: "application/json" }, limited));
  }

  /** Sends a value as JSON, and loads the answer in the same way. */
  async post(value) {
    const headers = { Accept: "application/json", "Content-Type": "application/json" };
    const signal = AbortSignal.timeout(ANSWER_MS_MAX);
    return jsonOf(await this.#fetch("", { method: "POST", headers, body: JSON.stringify(value), signal }));
  }

  /** Opens a successful response, whose body is still to be read. */
  async open(path, parameters, headers, signal) {
    return this.#fetch(parameters.size > 0 ? `${path}?${parameters}` : path, { headers, signal });
  }

  async #fetch(path, { headers, ...request }) {
    const authorization = this.#token ? { Authorization: `Bearer ${this.#token}` } : {};
    const response = await fetch(`${this.#address}${path}`, {
      ...request,
      headers: { ...headers, ...authorization },
      cache: "no-store",
    });
    if (!response.ok) throw await problemOf(response);
    return response;
  }
}

async function jsonOf(response) {
  try {
    return parseJson(await response.text());
  } catch (error) {
    if (error instanceof SyntaxError) throw new Problem(t("failure.unreadable"), response.status);
    throw error;
  }
}

async function problemOf(response) {
  const said = await response.json().catch(() => null);
  const message = said?.detail || said?.title || t("failure.status", { status: String(response.status) });
  const seconds = Number(response.headers.get("Retry-After") ?? NaN);
  const retryAfter_ms = Number.isFinite(seconds) ? seconds * 1000 : null;
  const { login, parameter } = said ?? {};
  return new Problem(String(message), response.status, { retryAfter_ms, login, parameter });
}
