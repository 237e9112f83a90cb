// The judge's list: sends what waits on this device and says per sheet how it stands.
import { Queue, showChip, waiting } from "./score-queue.js";

const list = document.querySelector("[data-score-list]");

if (list) {
  const queue = new Queue(list);
  const line = list.querySelector("[data-queue-status]");
  const chipOf = (sheet) => list.querySelector(`[data-sheet-row="${CSS.escape(sheet)}"] [data-sync]`);

  const count = () => {
    const left = waiting(queue.user).length;
    line.hidden = !left;
    line.textContent = left ? `本机还有 ${left} 张评分表待同步，联网后自动提交，请勿清除浏览器数据。` : "";
  };

  queue.addEventListener("change", ({ detail }) => {
    showChip(chipOf(detail.sheet), detail.kind, detail.sentence, queue.signIn);
    count();
  });
  for (const [sheet, record] of waiting(queue.user)) {
    showChip(chipOf(sheet), record.refused ? "refused" : "waiting", record.refused, queue.signIn);
  }
  count();
  queue.flush();
}
