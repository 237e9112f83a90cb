// The registration form: saves itself two seconds after the last key and on leaving a field, says when it saved,
// tries again when the line is down, and shows both texts when another tab has saved newer ones. What the server has
// not acknowledged is kept on the device (draft-copy.js).
import { DraftCopy } from "./draft-copy.js";

const PAUSE = 2000;
const RETRY = 5000;
const PATIENCE = 15000;

class Autosave {
  constructor(form) {
    this.form = form;
    this.status = document.querySelector("[data-save-status]");
    this.timer = 0;
    this.sending = false;
    this.changed = false;
    this.blocked = false;
    this.copy = new DraftCopy(form, addRow);
    form.addEventListener("input", () => this.later(PAUSE));
    form.addEventListener("change", () => this.later(0));
    form.addEventListener("rows", () => this.later(0));
    form.addEventListener("submit", (event) => this.beforeSubmit(event));
    window.addEventListener("beforeunload", (event) => {
      if ((this.changed || this.sending) && !form.dataset.sent) event.preventDefault();
    });
    window.addEventListener("online", () => this.changed && this.later(0));
    form.querySelector("[data-newer-keep]")?.addEventListener("click", () => this.keepMine());
    this.takeUp();
  }

  // A browser closed with unsaved text, a line that was down: what was typed comes back and is saved now.
  takeUp() {
    const at = this.copy.restore();
    if (!at) return;
    const time = at.toLocaleString("zh-CN", { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });
    const note = document.querySelector("[data-restored]");
    note.textContent = `已恢复本机上 ${time} 尚未保存的内容。`;
    note.hidden = false;
    this.later(0);
  }

  later(wait) {
    this.changed = true;
    this.copy.keep();
    clearTimeout(this.timer);
    if (!this.blocked) this.timer = setTimeout(() => this.save(), wait);
  }

  // A save under way would make the page's own version look outdated: it ends first, then the button acts.
  beforeSubmit(event) {
    clearTimeout(this.timer);
    if (!this.sending) {
      this.copy.keep(true);
      return;
    }
    event.preventDefault();
    this.waiting = event.submitter;
  }

  say(text, tone = "") {
    this.status.textContent = text;
    this.status.className = tone || "muted";
  }

  async save() {
    if (this.sending) return this.later(300);
    if (this.form.dataset.sent) return undefined;
    this.sending = true;
    this.changed = false;
    this.say("正在保存…");
    try {
      const answer = await fetch(this.form.dataset.autosave, {
        method: "POST",
        body: new FormData(this.form),
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (answer.status >= 500 || answer.status === 429) throw new Error("no answer");
      await this.read(answer);
    } catch {
      this.say("网络中断，内容已存在本机，恢复后自动保存", "text-danger");
      this.later(RETRY);
    } finally {
      this.sending = false;
    }
    if (this.waiting) {
      const button = this.waiting;
      this.waiting = null;
      this.form.requestSubmit(button);
    }
    return undefined;
  }

  async read(answer) {
    const result = await answer.json();
    if (answer.ok) {
      this.form.querySelector("[data-base-version]").value = result.version;
      if (!this.changed) this.copy.drop();
      this.say(`已于 ${result.saved_at} 自动保存`);
      const group = document.querySelector("[data-group]");
      if (group && result.group) group.innerHTML = result.group;
    } else if (result.error === "newer") {
      this.showNewer(result);
    } else if (answer.status === 401) {
      this.say("登录已过期，内容已存在本机，重新登录后打开本页即可恢复", "text-danger");
    } else {
      this.say(result.message ?? "没有保存，请刷新页面重试", "text-danger");
    }
  }

  showNewer(result) {
    this.blocked = true;
    this.newest = result.version;
    this.say("内容已在别处更新，尚未保存本页", "text-danger");
    const list = this.form.querySelector("[data-newer-list]");
    list.replaceChildren(
      ...result.newer.flatMap((item) => [
        line("strong", item.label),
        line("p", `已保存的：${shown(item.theirs)}`),
        line("p", `本页的：${shown(item.mine)}`),
      ]),
    );
    const box = this.form.querySelector("[data-newer]");
    box.hidden = false;
    box.scrollIntoView({ block: "center" });
  }

  keepMine() {
    this.form.querySelector("[data-base-version]").value = this.newest;
    this.form.querySelector("[data-newer]").hidden = true;
    this.blocked = false;
    this.later(0);
  }
}

function line(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

function shown(value) {
  return value || "（空）";
}

function prepareRows(form) {
  form.addEventListener("click", (event) => {
    const add = event.target.closest("[data-row-add]");
    const remove = event.target.closest("[data-row-remove]");
    if (add) addRow(form, add.dataset.rowAdd).querySelector("input, select").focus();
    if (remove) {
      remove.closest("[data-row]").remove();
      form.dispatchEvent(new Event("rows"));
    }
  });
}

function addRow(form, name) {
  const list = form.querySelector(`[data-rows="${name}"]`);
  const template = form.querySelector(`[data-rows-template="${name}"]`);
  const holder = document.createElement("div");
  holder.innerHTML = template.innerHTML.replaceAll("__index__", list.dataset.next);
  list.dataset.next = Number(list.dataset.next) + 1;
  const row = list.appendChild(holder.firstElementChild);
  return row;
}

// Each sign is judged as it is typed; the answer to an earlier key never covers a later one.
function prepareCreditCode(field) {
  const result = document.querySelector(`[data-check-result="${field.id}"]`);
  let asked = 0;
  let timer = 0;
  const ask = async () => {
    asked += 1;
    const turn = asked;
    const address = `${result.dataset.checkUrl}?code=${encodeURIComponent(field.value.slice(0, 40))}`;
    const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
    if (turn !== asked || !answer?.ok) return;
    const found = await answer.json();
    result.textContent = found.sentence;
    result.classList.toggle("text-success", found.valid);
    result.classList.toggle("text-danger", !found.valid && !found.open);
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 150);
  });
}

// The first place that needs a hand: where a link led to, or the first field that is marked.
function goToFirstError() {
  const named = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const place = named || (document.querySelector("[data-first-error]") && document.querySelector("form .is-invalid, form .field-error"));
  if (!place) return;
  const field = place.matches("input, select, textarea") ? place : (place.closest("fieldset, .field") ?? place).querySelector("input:not([type=hidden]), select, textarea");
  (field ?? place).focus({ preventScroll: true });
  place.scrollIntoView({ block: "center" });
}

const form = document.querySelector("form[data-autosave]");
if (form) {
  new Autosave(form);
  prepareRows(form);
}
const code = document.querySelector("[data-check='credit-code']");
if (code) prepareCreditCode(code);
goToFirstError();
