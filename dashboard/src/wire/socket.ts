// The only place that knows Socket.IO.

import { io, type Socket } from "socket.io-client";
import { gunzipJson } from "./gunzip.ts";
import type { Message, Pulse, Session, SnapshotPage, SnapshotSessions, Statistics } from "./messages.ts";
import { Sequence } from "./sequence.ts";

/** The gateway speaks every 2 s; a socket may seem open for a long time after the network is gone. */
export const SILENCE_MS = 7_000;
const RETRY_MS = { least: 500, most: 10_000 };

/** Connects and stays connected; `receive` gets every message, in the order in which the gateway sent them. */
export function connect(receive: (message: Message) => void): void {
  const socket = io("/parking", {
    auth: { protocol: 2 },
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    reconnectionDelay: RETRY_MS.least,
    reconnectionDelayMax: RETRY_MS.most,
    randomizationFactor: 0.5,
  });
  const messages = new Sequence<Message>(receive, () => restart(socket));
  const silence = watch(() => restart(socket));
  listen(socket, messages);

  socket.on("connect", () => {
    messages.push({ kind: "connected" });
    silence.heard();
  });
  socket.onAny(() => silence.heard());
  socket.on("disconnect", () => {
    silence.stop();
    messages.clear();
    receive({ kind: "disconnected" });
    persist(socket);
  });
  socket.on("connect_error", () => {
    receive({ kind: "disconnected" });
    persist(socket);
  });
}

function listen(socket: Socket, messages: Sequence<Message>): void {
  socket.on("snapshot", (page: SnapshotPage, bytes: ArrayBuffer) => {
    const unpacked = gunzipJson<SnapshotSessions>(bytes);
    messages.push(unpacked.then((content) => ({ kind: "snapshot", page, content })));
  });
  socket.on("parking_update", (session: Session) => messages.push({ kind: "update", session }));
  socket.on("statistics_update", (statistics: Statistics) => messages.push({ kind: "statistics", statistics }));
  socket.on("pulse", (pulse: Pulse) => messages.push({ kind: "pulse", pulse }));
}

/** Closes a connection that says nothing, or something unreadable, and makes a new one. */
function restart(socket: Socket): void {
  socket.disconnect().connect();
}

/** The client gives up by itself when the gateway dropped or refused it; a dashboard on a wall must not. */
function persist(socket: Socket): void {
  if (socket.active) return;
  setTimeout(() => socket.connected || socket.connect(), RETRY_MS.least + Math.random() * RETRY_MS.most * 0.5);
}

function watch(silent: () => void): { heard(): void; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => clearTimeout(timer);
  const heard = () => {
    stop();
    timer = setTimeout(silent, SILENCE_MS);
  };
  return { heard, stop };
}
