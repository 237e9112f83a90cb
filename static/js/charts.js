// Draws every [data-chart] from its JSON island with ECharts (SVG, no inline HTML, so the strict CSP holds).
/* global echarts */

const COLOURS = ["#0b4ea2", "#5f97d6", "#8a94a3", "#b8181d", "#1a6a41", "#8a4b00"];
const INK = "#465264";

const text = () => ({
  color: INK,
  fontFamily: getComputedStyle(document.body).fontFamily,
  fontSize: document.documentElement.classList.contains("large") ? 20 : 13,
});

// Few names are all shown, broken over lines; many are thinned out by ECharts.
function fitting(spec) {
  if (spec.kind === "hbar") return { interval: 0 };
  return spec.labels.length <= 8 ? { interval: 0, width: 78, overflow: "break" } : {};
}

function axes(spec) {
  const category = { type: "category", data: spec.labels, axisTick: { show: false }, axisLine: { lineStyle: { color: "#c3cddb" } }, axisLabel: { ...text(), ...fitting(spec) } };
  const value = { type: "value", name: spec.unit ?? "", nameTextStyle: text(), axisLabel: text(), splitLine: { lineStyle: { color: "#e8ecf2" } }, minInterval: spec.whole === false ? 0 : 1 };
  if (spec.kind === "hbar") return { xAxis: { ...value, name: "" }, yAxis: { ...category, inverse: true } };
  return { xAxis: category, yAxis: value };
}

function series(spec) {
  const few = spec.labels.length * spec.series.length <= 16;
  return spec.series.map((one) => ({
    type: spec.kind === "line" ? "line" : "bar",
    name: one.name,
    data: one.data,
    stack: spec.kind === "stack" ? "all" : undefined,
    barMaxWidth: 32,
    symbolSize: 7,
    label: { ...text(), color: "#1a2330", show: few && spec.kind !== "stack", position: spec.kind === "hbar" ? "right" : "top" },
  }));
}

function pie(spec) {
  const data = spec.labels.map((name, index) => ({ name, value: spec.series[0].data[index] }));
  return { series: [{ type: "pie", radius: ["42%", "64%"], center: ["50%", "50%"], data, label: { ...text(), formatter: "{b}\n{c}", overflow: "none" }, itemStyle: { borderColor: "#fff", borderWidth: 2 } }] };
}

export function option(spec) {
  const common = {
    color: COLOURS,
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    textStyle: text(),
    aria: { enabled: false }, // the container carries a label, the numbers stand in the table below
    tooltip: { trigger: spec.kind === "pie" ? "item" : "axis", renderMode: "richText" },
    legend: { show: spec.kind !== "pie" && spec.series.length > 1, top: 0, right: 0, textStyle: text(), icon: "rect", itemWidth: 12, itemHeight: 12 },
    grid: { left: 8, right: 40, top: 40, bottom: 8, containLabel: true },
  };
  return spec.kind === "pie" ? { ...common, ...pie(spec) } : { ...common, ...axes(spec), series: series(spec) };
}

function draw(box) {
  const spec = JSON.parse(document.getElementById(box.dataset.chart).textContent);
  box.classList.add("is-drawn");
  const chart = echarts.init(box, null, { renderer: "svg" });
  chart.setOption(option(spec));
  new ResizeObserver(() => chart.resize()).observe(box);
}

const start = (root) => root.querySelectorAll("[data-chart]:not(.is-drawn)").forEach(draw);
document.addEventListener("htmx:load", (event) => start(event.target));
start(document);
