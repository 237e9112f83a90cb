// Counts down every <time data-deadline>. The clock is the server's: the difference to this device's clock is
// taken from the Date header of one request, so a tablet set wrongly still shows the true time left.

let drift = 0;

export function words(seconds) {
  if (seconds <= 0) return "已截止";
  const days = Math.floor(seconds / 86400);
  const hours = Math.floor((seconds % 86400) / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  if (days) return `${days} 天 ${hours} 小时`;
  if (hours) return `${hours} 小时 ${minutes} 分`;
  return `${minutes} 分 ${String(Math.floor(seconds % 60)).padStart(2, "0")} 秒`;
}

function show() {
  for (const time of document.querySelectorAll("time[data-deadline]")) {
    time.title ||= time.textContent.trim();
    const seconds = (Date.parse(time.dataset.deadline) - Date.now() - drift) / 1000;
    time.textContent = words(seconds);
    time.closest(".countdown")?.classList.toggle("is-urgent", seconds > 0 && seconds < 86400);
  }
}

async function learnDrift() {
  try {
    const answer = await fetch("/static/img/favicon.svg", { method: "HEAD", cache: "no-store" });
    drift = Date.parse(answer.headers.get("Date")) - Date.now() || 0;
  } catch {
    drift = 0; // without a network the device's own clock is the best there is
  }
}

if (document.querySelector("time[data-deadline]")) {
  show();
  learnDrift().then(show);
  setInterval(show, 1000);
}
