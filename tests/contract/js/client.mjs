// Connects the official client as any dashboard would, and prints each event as one line of JSON.
// node client.mjs URL TRANSPORT
import { io } from "socket.io-client";

const [url, transport] = process.argv.slice(2);
const socket = io(`${url}/parking`, { transports: [transport] });
const print = (event, data) => console.log(JSON.stringify({ event, data }));

socket.on("connect", () => print("connect", { transport: socket.io.engine.transport.name }));
socket.on("connect_error", (error) => print("connect_error", { error: error.message }));
socket.onAny(print);

// The test says what to emit, one line of JSON each: ["event", data].
process.stdin.setEncoding("utf8");
process.stdin.on("data", (lines) => {
  for (const line of lines.split("\n").filter(Boolean)) socket.emit(...JSON.parse(line));
});
process.stdin.on("end", () => socket.close());
