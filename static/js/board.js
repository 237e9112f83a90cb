// The big screen: polls a snapshot, shows one view at a time, keeps its last state when the line drops.
// Key B blanks the screen; R switches between the last score and the ranking; S turns the bells on and off: one stroke
// a minute before the end of presentation and of answers, two at the end. A browser rings only after a key was pressed.

const EVERY = 1000;
const PATIENCE = 4000;
const STROKE = 0.6;

class Bell {
  constructor() {
    this.audio = null;
    this.called = "";
    this.rung = 0;
  }

  toggle() {
    if (this.audio) this.audio.close();
    this.audio = this.audio ? null : new AudioContext();
    return Boolean(this.audio);
  }

  // `marks`: seconds after the call, ends at the odd places. What passed before this screen looked is not rung late.
  hear(called, gone, marks) {
    const passed = marks.filter((mark) => gone >= mark).length;
    if (this.called === called && passed > this.rung) this.ring(passed % 2 ? 1 : 2);
    this.called = called;
    this.rung = passed;
  }

  ring(strokes) {
    if (!this.audio) return;
    for (let stroke = 0; stroke < strokes; stroke += 1) {
      const at = this.audio.currentTime + stroke * STROKE;
      const tone = this.audio.createOscillator();
      const volume = this.audio.createGain();
      tone.frequency.value = 880;
      volume.gain.setValueAtTime(0.5, at);
      volume.gain.exponentialRampToValueAtTime(0.001, at + STROKE);
      tone.connect(volume).connect(this.audio.destination);
      tone.start(at);
      tone.stop(at + STROKE);
    }
  }
}

class Board {
  constructor(root) {
    this.root = root;
    this.url = root.dataset.board;
    this.note = document.querySelector("[data-board-note]");
    this.row = document.querySelector("[data-row-template]").content.firstElementChild;
    this.version = "";
    this.snapshot = null;
    this.calledAt = 0;
    this.ranking = false;
    this.bell = new Bell();
    this.poll();
    setInterval(() => this.tick(), 250);
    document.addEventListener("keydown", (event) => this.key(event));
  }

  async poll() {
    try {
      const headers = this.version ? { "If-None-Match": `"${this.version}"` } : {};
      const answer = await fetch(this.url, { headers, cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
      if (answer.status === 200) this.take(await answer.json());
      else if (answer.status !== 304) throw new Error(String(answer.status));
      this.note.textContent = `数据更新于 ${this.snapshot.at}`;
    } catch {
      this.note.textContent = this.snapshot ? `连接中断，显示 ${this.snapshot.at} 的数据` : "连接中断，正在重试";
    }
    setTimeout(() => this.poll(), EVERY);
  }

  take(snapshot) {
    if (!snapshot.version || !snapshot.ranking) throw new Error("not the server's answer");
    this.snapshot = snapshot;
    this.version = snapshot.version;
    this.calledAt = snapshot.stage ? Date.now() - snapshot.stage.elapsed * 1000 : 0;
    this.draw();
  }

  draw() {
    const { stage, revealed, ranking, state, label } = this.snapshot;
    this.fill("stage", stage);
    this.fill("score", stage?.score ? stage : revealed);
    this.list(ranking);
    const closed = state === "locked" || state === "signed";
    const view = this.ranking || (closed && ranking.length) ? "ranking" : !stage ? (revealed ? "score" : "standby") : stage.score ? "score" : "stage";
    for (const part of this.root.querySelectorAll("[data-view]")) part.hidden = part.dataset.view !== view;
    this.root.querySelector("[data-standby]").textContent = { planned: "即将开始", drawn: "即将开始" }[state] ?? label;
  }

  fill(view, shown) {
    const part = this.root.querySelector(`[data-view=${view}]`);
    if (!shown) return;
    part.querySelector("[data-number]").textContent = `第 ${shown.number} 号`;
    part.querySelector("[data-enterprise]").textContent = shown.enterprise;
    const title = part.querySelector("[data-title]");
    if (title) title.textContent = shown.title;
    const score = part.querySelector("[data-score]");
    if (score) score.textContent = shown.score ?? "";
    const lights = part.querySelector("[data-lights]");
    if (lights) lights.replaceChildren(...Array.from({ length: shown.expected }, (_, place) => this.light(place, shown.submitted)));
  }

  light(place, submitted) {
    const dot = document.createElement("li");
    dot.textContent = String(place + 1);
    dot.classList.toggle("is-done", place < submitted);
    return dot;
  }

  list(ranking) {
    const rows = ranking.slice(0, 12).map((line) => {
      const row = this.row.cloneNode(true);
      row.classList.toggle("is-top", line.rank <= 3);
      row.classList.toggle("is-now", line.now);
      row.querySelector("[data-rank]").textContent = line.rank;
      row.querySelector("[data-no]").textContent = line.number;
      row.querySelector("[data-name]").textContent = line.enterprise;
      row.querySelector("[data-points]").textContent = line.score;
      return row;
    });
    this.root.querySelector("[data-rows]").replaceChildren(...rows);
  }

  // Presentation, then answers; the last minute of each is marked.
  tick() {
    const stage = this.snapshot?.stage;
    const clock = this.root.querySelector("[data-timer]");
    if (!stage) return;
    const gone = Math.floor((Date.now() - this.calledAt) / 1000);
    const [pitch, answer] = stage.minutes.map((minutes) => minutes * 60);
    const left = gone < pitch ? pitch - gone : Math.max(0, pitch + answer - gone);
    clock.textContent = `${String(Math.floor(left / 60)).padStart(2, "0")}:${String(left % 60).padStart(2, "0")}`;
    clock.classList.toggle("is-urgent", left <= 60);
    this.bell.hear(String(stage.number), gone, [pitch - 60, pitch, pitch + answer - 60, pitch + answer]);
  }

  key(event) {
    if (event.key.toLowerCase() === "s") this.note.textContent = this.bell.toggle() ? "铃声已开" : "铃声已关";
    if (event.key.toLowerCase() === "b") document.body.classList.toggle("is-blank");
    if (event.key.toLowerCase() === "r" && this.snapshot) {
      this.ranking = !this.ranking;
      this.draw();
    }
  }
}

const root = document.querySelector("[data-board]");
if (root) new Board(root);
