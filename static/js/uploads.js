// Attachments in parts: each part is sent until the server says it has it, whatever the line does. The server knows
// how much has arrived, so a closed browser goes on where it stopped as soon as the same file is chosen again.

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 15000;

class Refused extends Error {}

class Upload {
  constructor(form) {
    this.form = form;
    this.picker = form.querySelector("input[type=file]");
    this.box = form.querySelector("[data-upload-progress]");
    this.bar = this.box.querySelector("progress");
    this.words = this.box.querySelector("[data-upload-words]");
    this.stop = this.box.querySelector("[data-upload-stop]");
    this.running = false;
    this.paused = false;
    this.picker.addEventListener("change", () => this.start());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      this.start();
    });
    this.stop.addEventListener("click", () => (this.paused ? this.resume() : this.pause()));
    window.addEventListener("online", () => this.wake?.());
    window.addEventListener("beforeunload", (event) => this.running && event.preventDefault());
  }

  say(text, tone = "") {
    this.box.hidden = false;
    this.words.textContent = text;
    this.words.className = tone;
  }

  async start() {
    const file = this.picker.files[0];
    if (this.running) return;
    if (!file) return this.say("请先选择文件。", "text-danger");
    if (file.size > Number(this.form.dataset.uploadLimit) * 1048576) {
      return this.say(`文件有 ${megabytes(file.size)}，超过 ${this.form.dataset.uploadLimit} MB 的上限。`, "text-danger");
    }
    this.running = true;
    this.stop.hidden = false;
    this.say("正在准备…");
    try {
      await this.send(file);
    } catch (problem) {
      this.say(problem instanceof Refused ? problem.message : "没有传成，请再试一次。", "text-danger");
      this.stop.hidden = true;
    }
    this.running = false;
  }

  async send(file) {
    const begun = await this.insist(() => this.post(this.form.dataset.upload, { name: file.name, size: file.size, mark: String(file.lastModified) }));
    const address = this.form.dataset.uploadPart.replace("TOKEN", begun.token);
    let state = begun;
    const digest = await digestOf(file);
    this.compared = Boolean(digest);
    while (!state.done) {
      await this.whilePaused();
      state = await this.insist((again) => this.part(file, address, begun.part, again ? null : state, digest));
      this.show(state.received, file.size);
    }
    this.finish(state);
  }

  // After a failure the server is asked first: the part may have arrived although its answer did not.
  async part(file, address, length, state, digest) {
    const known = state ?? (await ask(address));
    if (known.done) return known;
    const piece = file.slice(known.received, known.received + length);
    const whole = known.received + piece.size >= file.size;
    return this.post(address, { offset: known.received, sha256: whole ? digest : "" }, piece, (sent) => this.show(known.received + sent, file.size));
  }

  // Again and again, with longer waits, until the server has answered; a refusal is an answer.
  async insist(act) {
    for (let turn = 0, wait = FIRST_WAIT; ; turn += 1, wait = Math.min(wait * 2, LONGEST_WAIT)) {
      try {
        return await act(turn > 0);
      } catch (problem) {
        if (problem instanceof Refused) throw problem;
        this.say(`网络中断，已传 ${this.bar.value}%，恢复后自动续传…`, "text-danger");
        await new Promise((done) => {
          this.wake = done;
          setTimeout(done, wait);
        });
      }
    }
  }

  post(address, values, piece = null, progress = null) {
    const data = new FormData();
    data.set("csrf_token", this.form.querySelector("[name=csrf_token]").value);
    for (const [name, value] of Object.entries(values)) data.set(name, value);
    if (piece) data.set("part", piece, "part");
    return new Promise((done, fail) => {
      const request = new XMLHttpRequest();
      request.open("POST", address);
      request.setRequestHeader("Accept", "application/json");
      request.timeout = 120000;
      if (progress) request.upload.addEventListener("progress", (event) => progress(event.loaded));
      request.addEventListener("load", () => answered(request, done, fail));
      for (const name of ["error", "timeout", "abort"]) request.addEventListener(name, () => fail(new Error(name)));
      request.send(data);
    });
  }

  show(received, size) {
    const percent = Math.min(100, Math.floor((received / size) * 100));
    this.bar.value = percent;
    if (!this.paused) this.say(`已传 ${megabytes(Math.min(received, size))} / ${megabytes(size)}（${percent}%）`);
  }

  pause() {
    this.paused = true;
    this.stop.textContent = "继续";
    this.say(`已暂停，已传 ${this.bar.value}%`);
  }

  resume() {
    this.paused = false;
    this.stop.textContent = "暂停";
    this.goOn?.();
  }

  whilePaused() {
    return this.paused ? new Promise((done) => { this.goOn = done; }) : undefined;
  }

  finish(state) {
    this.running = false;
    const section = this.form.closest("[data-upload-section]");
    const holder = document.createElement("div");
    holder.innerHTML = state.html;
    const fresh = holder.firstElementChild;
    section.replaceWith(fresh);
    prepare(fresh);
    const form = fresh.querySelector("form[data-upload]");
    form.querySelector("[data-upload-progress]").hidden = false;
    form.querySelector("progress").hidden = true;
    form.querySelector("[data-upload-stop]").hidden = true;
    form.querySelector("[data-upload-words]").textContent = this.compared ? "已上传，内容与本机文件一致。" : "已上传。";
    form.querySelector("[data-upload-words]").className = "text-success";
  }
}

function answered(request, done, fail) {
  let answer = null;
  try {
    answer = JSON.parse(request.responseText);
  } catch {
    answer = null; // not our server: a gateway's page, or a hotel's
  }
  if (request.status === 200 && answer && "received" in answer) return done(answer);
  if (answer?.message && request.status >= 400 && request.status < 500 && request.status !== 429) {
    return fail(new Refused(request.status === 401 ? "登录已过期，请在新窗口重新登录后再选择该文件，会从中断处继续。" : answer.message));
  }
  return fail(new Error("no answer"));
}

async function ask(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  const state = await answer.json();
  if (answer.ok && "received" in state) return state;
  if (answer.status < 500) throw new Refused(state.message);
  throw new Error("no answer");
}

// Only where the browser may compute it (a secure page); the server computes its own in any case.
async function digestOf(file) {
  if (!globalThis.crypto?.subtle) return "";
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const megabytes = (size) => (size < 1048576 ? `${Math.max(1, Math.round(size / 1024))} KB` : `${(size / 1048576).toFixed(1)} MB`);

function prepare(root) {
  for (const form of root.querySelectorAll("form[data-upload]")) new Upload(form);
}

prepare(document);
