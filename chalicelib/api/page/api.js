// Talks to the service that this page comes from, with the key of this tab.

/** The page's own address is that of the API, on AWS with a stage at its end, with or without a slash. */
const API = location.origin + location.pathname.replace(/\/*$/, "/");
const MAX_BYTES = 5 * 1024 ** 3;

class Problem extends Error {
  /** `status`: of the answer, 0 if there was none; `wait`: seconds until it makes sense to try again. */
  constructor(status, message, wait = 0) {
    super(message);
    this.status = status;
    this.wait = wait;
  }
}

const key = {
  get: () => sessionStorage.getItem("key") ?? "",
  set: (text) => sessionStorage.setItem("key", text),
  forget: () => sessionStorage.clear(),
};

/** The answer to a request: its JSON as `data`, Retry-After as `wait`. Throws a Problem for any other end. */
async function call(method, path, body, { headers = {}, signal } = {}) {
  const sent = { Authorization: `Bearer ${key.get()}`, ...headers };
  if (body !== undefined) sent["Content-Type"] = "application/json";
  const text = body === undefined ? undefined : JSON.stringify(body);
  let answer;
  try {
    answer = await fetch(API + path, { method, headers: sent, body: text, cache: "no-store", redirect: "error", signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "The service cannot be reached. Check your connection, then try again.");
  }
  const data = await answer.json().catch(() => null);
  const wait = Number(answer.headers.get("Retry-After")) || 0;
  if (answer.ok) return { data, wait };
  const problem = new Problem(answer.status, data?.message ?? `The service answered ${answer.status}.`, wait);
  if (answer.status === 401) askForKey(refusedKey(problem.message));
  throw problem;
}

/** Of the service's sentence only what concerns somebody who types a key: not how a program sends it. */
function refusedKey(message) {
  const why = message.split(" Send it ")[0];
  return `${why} Check that you have all of it, or ask whoever runs the service for another one.`;
}

/** Send a file with the form of an upload, whatever its size. `onProgress` gets the share that is sent. */
function sendFile(form, file, onProgress, signal) {
  const data = new FormData();
  for (const [name, value] of Object.entries(form.fields)) data.append(name, value);
  data.append("file", file); // S3 looks at nothing behind it
  const request = new XMLHttpRequest(); // fetch tells nobody how much of a body is sent
  return new Promise((resolve, reject) => {
    request.upload.onprogress = (event) => onProgress(event.loaded / event.total);
    request.onload = () => {
      if (request.status < 300) resolve();
      else reject(new Problem(request.status, uploadRefused(request.status)));
    };
    request.onerror = () => reject(new Problem(0, notSent(new URL(form.url).host)));
    request.onabort = () => reject(new DOMException("", "AbortError"));
    signal.addEventListener("abort", () => request.abort());
    request.open("POST", form.url);
    request.send(data);
  });
}

const notSent = (host) => `The file could not be sent to ${host}. Check your connection, then try again; if it stays like this, ask whether your network lets you reach that address.`;

function uploadRefused(status) {
  if (status === 403) return "The file was not accepted: the permission to send it lasts 15 minutes. Choose the file again.";
  return `The storage did not accept the file (${status}). Choose the file again.`;
}

const pause = (seconds, signal) => new Promise((resolve, reject) => {
  const timer = setTimeout(resolve, seconds * 1000);
  signal?.addEventListener("abort", () => { clearTimeout(timer); reject(new DOMException("", "AbortError")); });
});

/** A text that nobody can guess, also where the page is not served by https. */
function randomId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
