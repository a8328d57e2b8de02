// One socket, driven line by line: what to do comes in, what happened goes out, both as JSON.
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
let socket;

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  if (order.connect) {
    const { url, options } = order.connect;
    socket = io(url, { path: "/ws/socket.io", reconnection: false, forceNew: true, ...options });
    socket.on("connect", () => say({ event: "connect", data: socket.io.engine.transport.name }));
    socket.on("connect_error", (error) => say({ event: "connect_error", data: error.message }));
    socket.on("disconnect", (reason) => say({ event: "disconnect", data: reason }));
    socket.onAny((event, data) => say({ event, data }));
  } else {
    socket.emit(order.emit, order.data, (answer) => say({ event: "ack", data: answer }));
  }
}
socket?.close();
