const CHARTS = [
  { field: "cpu_percent", title: "CPU, mean", unit: "%", ceiling: 100 },
  { field: "cpu_percent_max", title: "CPU, highest", unit: "%", ceiling: 100 },
  { field: "memory_percent", title: "Memory", unit: "%", ceiling: 100 },
  { field: "network_received_bytes_per_second", title: "Network in", bytes: true },
  { field: "network_sent_bytes_per_second", title: "Network out", bytes: true },
  { field: "disk_written_bytes_per_second", title: "Disk written", bytes: true },
];
const KEPT = 120;

const state = document.getElementById("state");
const alerts = document.getElementById("alerts");
const charts = document.getElementById("charts");
let records = [];
let cards;

function connect(delay = 500) {
  const socket = new WebSocket(new URL("live", location.href.replace(/^http/, "ws")));
  socket.onopen = () => {
    delay = 500;
    records = [];
    state.textContent = "Live";
  };
  socket.onmessage = ({ data }) => {
    records = records.concat(JSON.parse(data)).slice(-KEPT);
    if (records.length) draw();
  };
  socket.onclose = () => {
    state.textContent = "Reconnecting";
    setTimeout(() => connect(Math.min(delay * 2, 10_000)), delay);
  };
}

function draw() {
  cards ??= build();
  const last = records.at(-1);
  for (const chart of CHARTS) {
    const values = records.map((record) => record[chart.field]).filter((value) => value != null);
    const ceiling = chart.ceiling ?? Math.max(1, ...values) * 1.1;
    const x = (i) => (values.length > 1 ? (i / (values.length - 1)) * 300 : 300);
    const points = values.map((value, i) => `${x(i)},${72 - (value / ceiling) * 72}`).join(" ");
    const card = cards.get(chart.field);
    card.querySelector("polyline").setAttribute("points", points);
    const { number, unit } = text(chart, last[chart.field] ?? 0);
    card.querySelector(".number").textContent = number;
    card.querySelector("small").textContent = unit;
  }
  state.textContent = `Live · ${last.machine} · window ended ${new Date(last.end).toLocaleTimeString()}`;
  alerts.hidden = last.alerts.length === 0;
  alerts.textContent = last.alerts.join(" · ");
}

function build() {
  charts.replaceChildren();
  return new Map(
    CHARTS.map((chart) => {
      const card = document.createElement("section");
      card.className = "card";
      card.innerHTML =
        '<h2></h2><p class="value"><span class="number"></span> <small></small></p>' +
        '<svg viewBox="0 0 300 72" preserveAspectRatio="none" aria-hidden="true"><polyline points=""></polyline></svg>';
      card.querySelector("h2").textContent = chart.title;
      card.querySelector(".number").dataset.field = chart.field;
      charts.append(card);
      return [chart.field, card];
    }),
  );
}

function text(chart, value) {
  if (!chart.bytes) return { number: value.toFixed(1), unit: chart.unit };
  const units = ["B/s", "KiB/s", "MiB/s", "GiB/s"];
  let i = 0;
  for (; value >= 1024 && i < units.length - 1; i++) value /= 1024;
  return { number: value.toFixed(i ? 1 : 0), unit: units[i] };
}

connect();
