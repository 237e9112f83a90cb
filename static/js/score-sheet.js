// The score sheet: slider and number as one, live total, bands, keyboard. Every value goes to this device's store as
// it is typed; "已提交" is shown only after the server's answer. All arithmetic is in whole hundredths.
import { Queue, canKeep, deviceId, drop, isOf, lastCounter, showChip, store, stored } from "./score-queue.js";

const PAUSE = 1500;
const inHundredths = (text) => (/^\d{1,3}(\.\d{1,2})?$/.test(text) ? Math.round(Number(text) * 100) : null);
const inPoints = (hundredths) => (hundredths / 100).toFixed(2);

class Criterion {
  constructor(box, sheet) {
    this.box = box;
    this.code = box.dataset.criterion;
    this.max = Number(box.dataset.max);
    this.full = Number(box.dataset.full);
    this.field = box.querySelector("[data-value]");
    this.slider = box.querySelector("[data-slider]");
    this.slider.addEventListener("input", () => {
      this.field.value = inPoints(Math.round(Number(this.slider.value) * 100));
      sheet.changed();
    });
    this.field.addEventListener("input", () => sheet.changed());
    this.field.addEventListener("keydown", (event) => sheet.key(event, this));
  }

  get text() {
    return this.field.value.trim();
  }

  get value() {
    return this.field.validity.badInput ? null : inHundredths(this.text);
  }

  // What the mark adds to the total: itself, or out of ten its weight's share.
  get worth() {
    return this.value === null ? 0 : Math.round((this.value * this.full) / this.max);
  }

  get problem() {
    if (this.field.validity.badInput || (this.text && this.value === null)) return "请填数字，最多两位小数";
    if (this.value === null) return "还没有打分";
    if (this.value > this.max) return `不能超过 ${inPoints(this.max)} 分`;
    const step = Math.round(Number(this.field.step) * 100);
    return this.value % step ? `按 ${this.field.step} 分一档打分` : "";
  }

  show() {
    const value = this.value;
    this.box.classList.toggle("is-empty", value === null);
    if (value !== null) this.slider.value = String(value / 100);
    const wrong = this.text !== "" && this.problem !== "";
    this.field.classList.toggle("is-invalid", wrong);
    this.field.setCustomValidity(wrong ? this.problem : "");
    for (const band of this.box.querySelectorAll("[data-band]")) {
      const { low, high } = band.dataset;
      const top = Number(high) === this.max;
      const here = value !== null && value >= Number(low) && (top ? value <= Number(high) : value < Number(high));
      band.classList.toggle("is-here", here);
    }
  }
}

class Sheet {
  constructor(form) {
    this.form = form;
    this.id = form.dataset.sheet;
    this.user = form.dataset.user;
    this.total = document.querySelector("[data-total]");
    this.chip = document.querySelector("[data-sync]");
    this.comment = form.elements.comment;
    this.criteria = [...form.querySelectorAll("[data-criterion]")].map((box) => new Criterion(box, this));
    this.base = Number(form.dataset.version);
    this.mine = form.dataset.client === deviceId();
    this.counter = Math.max(this.mine ? Number(form.dataset.counter) : 0, lastCounter(this.user, this.id));
    this.timer = 0;
    this.queue = new Queue(form);
    this.queue.addEventListener("change", ({ detail }) => this.heard(detail));
    this.comment.addEventListener("input", () => this.changed());
    form.addEventListener("submit", (event) => this.submit(event));
    document.addEventListener("keydown", (event) => this.shortcut(event));
    window.addEventListener("storage", ({ key }) => isOf(key, this.user, this.id) && this.follow());
    window.addEventListener("offline", () => this.sayLine());
    window.addEventListener("online", () => this.sayLine());
    this.warnOfOther();
    this.restore();
    this.show();
    this.queue.flush();
  }

  sayLine() {
    const record = stored(this.user, this.id);
    if (record && !record.sent) return; // its own words say more
    if (navigator.onLine) this.chip.hidden = true;
    else this.say("offline");
  }

  warnOfOther() {
    const { client, open } = this.form.dataset;
    document.querySelector("[data-other-device]").hidden = !client || this.mine || open !== "1";
  }

  // What this device holds and the server's page does not show yet comes back after a reload.
  restore() {
    const record = stored(this.user, this.id);
    if (!record) return;
    const { state, counter } = this.form.dataset;
    const answered = this.mine && state === "submitted" && record.counter <= Number(counter);
    if (answered || (record.sent && this.base >= record.base)) {
      drop(this.user, this.id);
      return;
    }
    this.adopt(record);
    if (record.sent === "submitted") this.close();
  }

  // Another window of this device wrote: both show the newer values.
  follow() {
    const record = stored(this.user, this.id);
    if (!record || record.counter < this.counter) return;
    this.adopt(record);
    this.show();
    if (record.sent === "submitted") this.close();
  }

  adopt(record) {
    this.counter = record.counter;
    if (record.sent) this.base = record.base;
    for (const criterion of this.criteria) {
      const value = record.typed?.[criterion.code];
      if (value !== undefined) criterion.field.value = value;
    }
    this.comment.value = record.comment;
    this.say(record.refused ? "refused" : (record.sent ?? "waiting"), record.refused);
    if (record.refused) this.offerOverride(record.code);
  }

  close() {
    this.form.dataset.open = "0";
    for (const part of [...this.form.elements, ...document.querySelectorAll("button[form=score]")]) part.disabled = true;
  }

  keep(submit) {
    if (lastCounter(this.user, this.id) > this.counter) {
      this.overtaken();
      return;
    }
    this.counter += 1;
    const usable = this.criteria.filter((criterion) => criterion.value !== null && !criterion.problem);
    store(this.user, this.id, {
      url: this.form.dataset.url,
      client: deviceId(),
      counter: this.counter,
      base: this.base,
      submit,
      comment: this.comment.value,
      values: Object.fromEntries(usable.map((criterion) => [criterion.code, criterion.value])),
      typed: Object.fromEntries(this.criteria.map((criterion) => [criterion.code, criterion.text])),
    });
    this.say("waiting");
  }

  changed() {
    this.keep(false);
    this.show();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.queue.flush(), PAUSE);
  }

  show() {
    for (const criterion of this.criteria) criterion.show();
    const values = this.criteria.map((criterion) => criterion.value);
    const sum = this.criteria.reduce((whole, criterion) => whole + criterion.worth, 0);
    this.total.value = values.some((value) => value !== null) ? inPoints(sum) : "—";
  }

  submit(event) {
    event.preventDefault();
    clearTimeout(this.timer);
    const final = event.submitter?.value === "submit";
    const gap = this.criteria.find((criterion) => (final || criterion.text) && criterion.problem);
    if (gap) {
      this.say("refused", `${gap.box.querySelector("legend").childNodes[1].textContent.trim()}${gap.problem}`);
      gap.field.focus();
      return;
    }
    if (final && !window.confirm(`合计 ${this.total.value} 分，提交后不能自行修改。确认提交？`)) return;
    this.keep(final);
    this.queue.flush();
  }

  say(kind, sentence = "") {
    showChip(this.chip, kind, sentence, this.queue?.signIn ?? this.form.dataset.signIn);
  }

  heard({ sheet, kind, sentence, answer }) {
    if (sheet !== this.id) return;
    this.say(kind, sentence);
    if (answer?.version) this.base = answer.version;
    if (kind === "submitted") window.location.reload();
    if (kind === "refused") this.offerOverride(answer?.error);
  }

  // A window that slept through the other's changes: it never replaces them by itself.
  overtaken() {
    this.say("refused", "本机另一个窗口已有较新的内容，这里还没有保存");
    const mine = this.button("以本窗口内容为准", () => {
      this.counter = lastCounter(this.user, this.id);
      this.base = stored(this.user, this.id)?.base ?? this.base;
      this.changed();
    });
    this.chip.append(" ", mine, " ", this.button("载入较新的内容", () => window.location.reload()));
  }

  // Another device saved meanwhile: the judge decides which text stands, nothing is replaced silently.
  offerOverride(code) {
    if (code !== "other_device" || this.chip.querySelector("button")) return;
    const mine = this.button("以本机内容为准", async () => {
      const version = await this.serverVersion();
      if (!version) return;
      this.base = version;
      this.keep(stored(this.user, this.id)?.submit ?? false);
      this.queue.flush();
    });
    const theirs = this.button("改用服务器内容", () => {
      drop(this.user, this.id);
      window.location.reload();
    });
    this.chip.append(" ", mine, " ", theirs);
  }

  async serverVersion() {
    try {
      const page = await (await fetch(window.location.href)).text();
      const found = new DOMParser().parseFromString(page, "text/html").querySelector("[data-score-sheet]");
      return Number(found?.dataset.version);
    } catch {
      return 0; // no line: the choice stays on the screen
    }
  }

  button(label, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-link btn-sm";
    button.textContent = label;
    button.addEventListener("click", act);
    return button;
  }

  key(event, criterion) {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    const next = this.criteria[this.criteria.indexOf(criterion) + 1];
    (next?.field ?? this.comment).focus();
    next?.field.select();
  }

  shortcut(event) {
    if (this.form.dataset.open !== "1") return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault();
      this.form.requestSubmit(document.querySelector("button[form=score][value=save]"));
      return;
    }
    const typing = event.target.closest?.("input, textarea, select, dialog, [contenteditable]");
    const wanted = this.criteria[Number(event.key) - 1];
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !wanted) return;
    event.preventDefault();
    wanted.field.focus();
    wanted.field.select();
  }
}

const form = document.querySelector("[data-score-sheet]");
// Without a store of its own the page sends a plain form, and says so.
if (form && canKeep()) new Sheet(form);
else if (form) showChip(document.querySelector("[data-sync]"), "refused", "本浏览器不能保存数据，请退出无痕模式，或保持联网提交");
