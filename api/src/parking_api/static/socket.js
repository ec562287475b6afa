// A Socket.IO client for one namespace: Engine.IO 4 and Socket.IO 5 over a plain WebSocket, text frames only.
// https://github.com/socketio/engine.io-protocol and https://github.com/socketio/socket.io-protocol

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
const PATIENCE_BEFORE_OPEN_MS = 10_000;

/**
 * Connects and stays connected. `onEvent(name, data)` gets each event;
 * `onState("connecting" | "connected" | "offline")` each change of the connection.
 */
export function connect(namespace, { onEvent, onState }) {
  let failures = 0;
  open();

  function open() {
    onState("connecting");
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/socket.io/?EIO=4&transport=websocket`);
    let patience = PATIENCE_BEFORE_OPEN_MS;
    let silence = setTimeout(lost, patience);

    socket.onclose = lost;
    socket.onmessage = ({ data }) => {
      clearTimeout(silence);
      silence = setTimeout(lost, patience);
      const [engine, packet] = [data[0], data.slice(0, 2)];
      if (engine === "0") {
        const { pingInterval, pingTimeout } = JSON.parse(data.slice(1));
        patience = pingInterval + pingTimeout;
        socket.send(`40${namespace},`);
      } else if (engine === "2") {
        socket.send("3");
      } else if (engine === "1" || packet === "41" || packet === "44") {
        lost();
      } else if (packet === "40") {
        failures = 0;
        onState("connected");
      } else if (packet === "42") {
        onEvent(...JSON.parse(data.slice(`42${namespace},`.length)));
      }
    };

    function lost() {
      clearTimeout(silence);
      socket.onclose = socket.onmessage = null;
      socket.close();
      onState("offline");
      const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures++);
      setTimeout(open, wait * (0.5 + Math.random() / 2));
    }
  }
}
