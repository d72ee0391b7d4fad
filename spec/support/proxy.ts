import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

/** A way to a server on this machine that goes silent on demand, as a broken network does: nothing is closed. */
export class Proxy {
  readonly url: string;
  readonly #links: Set<Link>;
  readonly #close: () => Promise<void>;
  /** Whether whoever comes is left without an answer, too. */
  isSilent = false;
  /** A connection that sends this is ended, so many times: at once, or when it's late, as it's answered. */
  readonly ending: Ending = { text: '', times: 0, isLate: false };

  private constructor(url: string, links: Set<Link>, close: () => Promise<void>) {
    this.url = url;
    this.#links = links;
    this.#close = close;
  }

  /**
   * @param to    A server: where it's found through this one is `url` here.
   * @param port  Where this one is; 0: anywhere.
   */
  static async open(to: string, port = 0): Promise<Proxy> {
    const far = new URL(to);
    const links = new Set<Link>();
    const server = createServer((socket) => {
      const link = new Link(socket, Number(far.port), proxy.ending);
      link.isSilent = proxy.isSilent;
      links.add(link);
      socket.on('close', () => links.delete(link));
    });
    await once(server.listen(port, '127.0.0.1'), 'listening');
    const near = new URL(to);
    near.port = String((server.address() as AddressInfo).port);
    const proxy = new Proxy(near.href, links, async () => {
      for (const link of links) link.end();
      server.close();
      await once(server, 'close');
    });
    return proxy;
  }

  /** The connections of which what was sent to the server has this in it. */
  having(text: string): readonly Link[] {
    return [...this.#links].filter(({ sent }) => sent.includes(text));
  }

  /** Nothing comes through any more on the connections that there are. */
  silence(links: Iterable<Link> = this.#links): void {
    for (const link of links) link.isSilent = true;
  }

  async close(): Promise<void> {
    await this.#close();
  }
}

interface Ending {
  readonly text: string;
  times: number;
  readonly isLate: boolean;
}

class Link {
  sent = '';
  isSilent = false;
  readonly #near: Socket;
  readonly #far: Socket;

  constructor(near: Socket, port: number, ending: Ending) {
    this.#near = near;
    this.#far = connect(port, '127.0.0.1');
    let isToEnd = false;
    near.on('data', (data) => {
      const text = data.toString('latin1');
      this.sent += text;
      if (ending.times > 0 && text.includes(ending.text)) {
        ending.times--;
        isToEnd = true;
        if (!ending.isLate) this.end();
      }
      if (!this.isSilent) this.#far.write(data);
    });
    this.#far.on('data', (data) => {
      if (isToEnd) this.end();
      else if (!this.isSilent) near.write(data);
    });
    for (const socket of [near, this.#far]) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        if (!this.isSilent || socket === near) this.end();
      });
    }
  }

  end(): void {
    this.#near.destroy();
    this.#far.destroy();
  }
}
