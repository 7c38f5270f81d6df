// What a guest has no program for: it prints the datagrams that come to a port.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runChecked } from "../../src/host/run-command.js";
import type { Target } from "../../src/target/target.js";

const text = `#include <arpa/inet.h>
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	static char datagram[65536];
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])) };
	int from = socket(AF_INET, SOCK_DGRAM, 0);
	if (bind(from, (struct sockaddr *)&at, sizeof at)) return 1;
	for (ssize_t size; (size = recv(from, datagram, sizeof datagram, 0)) >= 0;)
		if (write(1, datagram, size) != size) return 2;
	return 3;
}
`;

/** Puts it at /root/listener of the guest; its argument is the port. */
export async function sendListener(guest: Target): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tarbisect-listener-"));
  const source = join(folder, "listener.c");
  writeFileSync(source, text);
  await runChecked(["gcc", "-static", "-o", join(folder, "listener"), source], { timeoutMs: 120_000 });
  await guest.send({ folder, names: ["listener"] }, "/root");
  rmSync(folder, { recursive: true });
}
