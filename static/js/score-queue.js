// The queue of scores on this device. A record is written before anything is sent and leaves only when the server
// has acknowledged exactly the counter that is still stored, so no value typed meanwhile can be lost. Messages are
// ordered by the counter of this device, never by its clock. One record per sheet: the newest holds everything. An
// acknowledged record stays as `sent` until the server's own page shows it, for a reload off line.
import { forgetPages, keepPages } from "./judge-pages.js";

const PREFIX = "leitai-score:";
const COUNTER = "leitai-counter:";
const DEVICE = "leitai-device";
export const EVERY = 5000;
const PATIENCE = 12000;

function randomId() {
  if (crypto.randomUUID) return crypto.randomUUID(); // missing on plain HTTP
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function deviceId() {
  let id = localStorage.getItem(DEVICE);
  if (!id) {
    id = randomId();
    localStorage.setItem(DEVICE, id);
  }
  return id;
}

const keyOf = (user, sheet) => `${PREFIX}${user}:${sheet}`;

export function stored(user, sheet) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(user, sheet)));
  } catch {
    return null;
  }
}

export function store(user, sheet, record) {
  localStorage.setItem(keyOf(user, sheet), JSON.stringify(record));
  localStorage.setItem(`${COUNTER}${user}:${sheet}`, record.counter);
}

// The last counter this device gave out for the sheet, whichever window it was: it never starts again.
export const lastCounter = (user, sheet) => Number(localStorage.getItem(`${COUNTER}${user}:${sheet}`));

export const isOf = (key, user, sheet) => key === keyOf(user, sheet);

export function canKeep() {
  try {
    return Boolean(deviceId());
  } catch {
    return false;
  }
}

export function drop(user, sheet) {
  localStorage.removeItem(keyOf(user, sheet));
}

function records(user) {
  const start = keyOf(user, "");
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(start));
  return keys.map((key) => [key.slice(start.length), stored(user, key.slice(start.length))]).filter(([, record]) => record);
}

export const waiting = (user) => records(user).filter(([, record]) => !record.sent);

export const WORDS = { waiting: "已存本机待同步", offline: "网络已断开，打分先存在本机", draft: "草稿已保存", submitted: "已提交", refused: "被拒绝" };

export class Queue extends EventTarget {
  // `place` carries data-user, data-token, data-sign-in. Emits "change" with {sheet, kind, sentence, answer}.
  constructor(place) {
    super();
    this.user = place.dataset.user;
    this.tokenUrl = place.dataset.token;
    this.signIn = place.dataset.signIn;
    this.token = document.querySelector("input[name=csrf_token]")?.value ?? "";
    this.busy = false;
    this.again = false;
    window.addEventListener("online", () => this.flush());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.flush());
    setInterval(() => this.flush(), EVERY);
    document.addEventListener("submit", (event) => this.warnBeforeSignOut(event), true);
    navigator.storage?.persist?.();
    keepPages(place.dataset);
  }

  tell(sheet, kind, sentence = "", answer = null) {
    this.dispatchEvent(new CustomEvent("change", { detail: { sheet, kind, sentence, answer } }));
  }

  async flush() {
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    this.again = false;
    try {
      for (const [sheet, record] of waiting(this.user)) {
        if (record.refused) this.tell(sheet, "refused", record.refused);
        else if (!(await this.send(sheet, record))) break;
      }
    } finally {
      this.busy = false;
    }
    if (this.again) this.flush();
  }

  // False: the line is down or the session is over, the rest of the queue would fare no better.
  async send(sheet, record, retried = false) {
    let answer;
    let body;
    try {
      answer = await fetch(record.url, {
        method: "POST",
        signal: AbortSignal.timeout(PATIENCE), // a line that swallows the request must not hold up the queue
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.token },
        body: JSON.stringify({
          values: record.values,
          comment: record.comment,
          client_id: record.client,
          counter: record.counter,
          base_version: record.base,
          submit: record.submit,
        }),
      });
      body = await answer.json();
    } catch {
      this.tell(sheet, "waiting");
      return false;
    }
    if (answer.ok && body.counter === record.counter) return this.acknowledged(sheet, record, body);
    if (answer.ok) {
      this.tell(sheet, "waiting"); // somebody between us and the server answered
      return false;
    }
    if (answer.status === 401) {
      this.tell(sheet, "signed-out");
      return false;
    }
    if (answer.status === 400 && body.error === "csrf" && !retried) {
      return (await this.renewToken(sheet)) && this.send(sheet, record, true);
    }
    if (answer.status >= 500 || answer.status === 429) {
      this.tell(sheet, "waiting");
      return false;
    }
    // Another judge may have signed in on this device: what the first one gave waits for him.
    if ([403, 404].includes(answer.status) && !(await this.renewToken(sheet))) return false;
    return this.refused(sheet, record, body);
  }

  acknowledged(sheet, record, body) {
    const now = stored(this.user, sheet);
    const same = now && now.counter === record.counter && now.client === record.client;
    if (same) store(this.user, sheet, { ...now, base: body.version, sent: body.state });
    else if (now) store(this.user, sheet, { ...now, base: body.version });
    this.tell(sheet, now && now.counter !== record.counter ? "waiting" : body.state === "submitted" ? "submitted" : "draft", "", body);
    return true;
  }

  refused(sheet, record, body) {
    const now = stored(this.user, sheet);
    const sentence = body.message || "服务器没有接受。";
    // Kept on the device, to be read and sent again by the person; never retried by itself.
    if (now && now.counter === record.counter) store(this.user, sheet, { ...now, refused: sentence, code: body.error });
    this.tell(sheet, "refused", sentence, body);
    return true;
  }

  async renewToken(sheet) {
    try {
      const answer = await fetch(this.tokenUrl, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) throw new Error("signed out");
      const body = await answer.json();
      if (String(body.user) !== this.user) throw new Error("another person");
      this.token = body.token;
      return true;
    } catch {
      this.tell(sheet, "signed-out");
      return false;
    }
  }

  warnBeforeSignOut(event) {
    if (!event.target.action?.endsWith("/sign-out")) return;
    const count = waiting(this.user).length;
    if (count && !window.confirm(`还有 ${count} 张评分表存在本机、没有提交到服务器。仍要退出吗？退出后须由您本人在这台设备上重新登录才会提交。`)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    for (const [sheet, record] of records(this.user)) if (record.sent) drop(this.user, sheet);
    forgetPages();
  }
}

export function showChip(chip, kind, sentence, signIn) {
  if (!chip) return;
  const tone = { waiting: "is-waiting", offline: "is-waiting", "signed-out": "is-waiting", refused: "is-refused" }[kind] ?? "is-sent";
  chip.className = `sync-chip ${tone}`;
  chip.hidden = false;
  chip.textContent = kind === "refused" ? `${WORDS.refused}：${sentence}` : (WORDS[kind] ?? "");
  if (kind === "signed-out") {
    const link = document.createElement("a");
    link.href = signIn;
    link.textContent = "登录已过期，请重新登录";
    chip.replaceChildren(`${WORDS.waiting}，`, link);
  }
}
