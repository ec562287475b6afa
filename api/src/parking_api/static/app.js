// The live map: keeps the open sessions as the gateway tells them, and draws them.

import { connect } from "/static/socket.js";

const EXITS_SHOWN = 20;
const byId = (id) => document.getElementById(id);

const sessions = new Map(); // session_id → session, with `at`: when its duration was true
const tiles = new Map(); // bay → its element
const changed = new Set(); // bays to be drawn anew

connect("/parking", {
  onState: showConnection,
  onEvent: (name, data) => handlers[name]?.(data),
});
setInterval(tick, 1000);

const handlers = {
  initial_data({ active_sessions, statistics, free_locations, busy_locations }) {
    drawMap([...free_locations, ...busy_locations]);
    replaceSessions(active_sessions);
    showStatistics(statistics);
    loadTheRest();
  },
  duration_update({ active_sessions, statistics }) {
    replaceSessions(active_sessions);
    showStatistics(statistics);
  },
  parking_update(session) {
    if (session.status === "ACTIVE") sessions.set(session.session_id, { ...session, at: performance.now() });
    else sessions.delete(session.session_id);
    draw([session.location]);
  },
  statistics_update: showStatistics,
  exit_notification: showExit,
};

/** What does not come over the socket: the lot's name, and who left before. */
async function loadTheRest() {
  const [status, closed] = await Promise.all(
    ["/api/status", `/api/sessions/closed?limit=${EXITS_SHOWN}`].map((url) => fetch(url).then((answer) => answer.json())),
  );
  byId("lot").textContent = document.title = `Car park ${status.lot}`;
  for (const session of closed.closed_sessions.reverse()) showExit({ ...session, timestamp: session.end_time });
}

function showConnection(state) {
  const words = { connecting: "connecting…", connected: "live", offline: "offline, trying again…" };
  byId("connection").textContent = words[state];
  byId("connection").className = state;
  document.body.classList.toggle("stale", state !== "connected");
}

function showStatistics(statistics) {
  for (const [name, value] of Object.entries(statistics)) {
    const place = byId(name);
    if (place) place.textContent = value.toLocaleString();
  }
}

// ---- the map

function drawMap(bays) {
  if (bays.length === tiles.size && bays.every((bay) => tiles.has(bay))) return;
  tiles.clear();
  const rows = new Map();
  for (const bay of inOrder(bays)) {
    if (!rows.has(rowOf(bay))) rows.set(rowOf(bay), []);
    rows.get(rowOf(bay)).push(bay);
  }
  byId("map").replaceChildren(...[...rows].map(([row, names]) => drawRow(row, names)));
}

const rowOf = (bay) => bay.replace(/-?\d+$/, "") || "Bays";
const inOrder = (bays) => bays.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));

function drawRow(row, bays) {
  const title = element("h2", "", row);
  const list = element("ul", "row");
  for (const bay of bays) {
    const tile = element("li", "bay free");
    tile.append(element("b", "name", bay), element("span", "plate"), element("span", "time"), element("span", "cost"));
    tiles.set(bay, tile);
    list.append(tile);
  }
  const section = element("section", "");
  section.append(title, list);
  return section;
}

function replaceSessions(list) {
  const at = performance.now();
  sessions.clear();
  for (const session of list) sessions.set(session.session_id, { ...session, at });
  draw(tiles.keys());
}

/** Draws bays with the next frame, however many updates come until then. */
function draw(bays) {
  if (!changed.size) requestAnimationFrame(paint);
  for (const bay of bays) changed.add(bay);
}

function paint() {
  const parked = occupants();
  for (const bay of changed) fillTile(bay, parked.get(bay));
  changed.clear();
}

/** Of two cars on one bay (a misread plate) the one heard of last is shown, as the gateway does. */
function occupants() {
  const parked = new Map();
  for (const session of sessions.values()) {
    const other = parked.get(session.location);
    if (!other || session.last_arrival > other.last_arrival) parked.set(session.location, session);
  }
  return parked;
}

function fillTile(bay, session) {
  const tile = tiles.get(bay);
  if (!tile) return;
  const [, plate, time, cost] = tile.children;
  tile.className = session ? "bay busy" : "bay free";
  plate.textContent = plate.title = session ? session.license_plate : "free";
  time.textContent = session ? clock(secondsNow(session)) : "";
  cost.textContent = session ? money(session.cost, session.currency) : "";
}

/** The time runs here; the cost is the gateway's, every five seconds: only it knows the tariff. */
function tick() {
  if (document.hidden) return;
  for (const [bay, session] of occupants()) {
    const tile = tiles.get(bay);
    if (tile) tile.children[2].textContent = clock(secondsNow(session));
  }
}

const secondsNow = (session) => session.duration + Math.floor((performance.now() - session.at) / 1000);

// ---- the exits

function showExit(exit) {
  const entry = element("li", "");
  const when = new Date(exit.timestamp * 1000).toLocaleTimeString();
  const lost = exit.status === "TIMEOUT" ? ", out of sight" : "";
  entry.append(
    element("b", "", exit.license_plate),
    element("span", "cost", money(exit.cost, exit.currency)),
    element("span", "where", `${exit.location} at ${when}${lost}`),
    element("span", "time", clock(exit.duration)),
  );
  entry.dataset.session = exit.session_id;
  const list = byId("exit-list");
  list.querySelector(`[data-session="${CSS.escape(exit.session_id)}"]`)?.remove();
  list.prepend(entry);
  while (list.children.length > EXITS_SHOWN) list.lastChild.remove();
  byId("no-exits").hidden = true;
}

// ---- words

function element(name, className, text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

function clock(seconds) {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${h ? `${h}:${String(m).padStart(2, "0")}` : m}:${String(s).padStart(2, "0")}`;
}

function money(amount, currency) {
  return amount.toLocaleString(undefined, { style: "currency", currency, maximumFractionDigits: 0 });
}
