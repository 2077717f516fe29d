// A door between a program and a service that it needs: open, shut, or open without anybody behind it.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export type Relay = AsyncDisposable & {
  /** The URL of a service, with the door as its address. */
  through(url: string): string;
  /** Lets connections through. */
  open(): Promise<void>;
  /** Breaks all connections and refuses new ones, as a service that is not there. */
  shut(): Promise<void>;
  /** Takes connections and says nothing on them, nor on those that were open: a service that hangs. */
  hang(): Promise<void>;
};

/** Makes a door, open, to the service of a URL. Its own port stays the same. */
export async function createRelay(url: string): Promise<Relay> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let hanging = false;
  let server = createServer(accept).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  function accept(near: Socket): void {
    keep(near);
    // What a program says to a service that hangs piles up unread.
    if (hanging) return void near.pause();
    const far = connect(Number(target.port), target.hostname);
    keep(far);
    near.pipe(far).pipe(near);
  }

  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  }

  const shut = async () => {
    for (const socket of sockets) socket.destroy();
    if (!server.listening) return;
    server.close();
    await once(server, "close");
  };
  const open = async () => {
    hanging = false;
    if (server.listening) return;
    server = createServer(accept).listen(port, "127.0.0.1");
    await once(server, "listening");
  };
  return {
    through: (serviceUrl) => Object.assign(new URL(serviceUrl), { hostname: "127.0.0.1", port: String(port) }).href,
    open,
    shut,
    hang: async () => {
      await open();
      hanging = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    [Symbol.asyncDispose]: shut,
  };
}
