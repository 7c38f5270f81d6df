// A lab guest behind a BMC: OpenIPMI's simulator whose chassis control is the guest's power switch and whose serial line
// is the guest's console.
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { GuestPlan } from "../../src/target/lab/lab-plan.js";
import { labPower } from "../../src/target/lab/lab-power.js";
import { startIpmi, type IpmiSimulator } from "./ipmi-simulator.js";

export async function guestBmc(guest: GuestPlan): Promise<IpmiSimulator> {
  const power = labPower(guest);
  const line = await listen((bmc) => {
    const console = connect(guest.consoleSocket);
    for (const end of [bmc, console]) end.on("error", () => undefined);
    bmc.pipe(console).pipe(bmc);
  });
  // One word in, and for "get" one out; "0" and "1" are taken at once and done later, as a BMC does.
  const control = await listen((asking) => {
    asking.on("error", () => undefined);
    asking.once("data", (word) => {
      if (word.toString().trim() === "get")
        return void power.status().then((status) => asking.end(status === "on" ? "1\n" : "0\n"));
      asking.end();
      void (word.toString().trim() === "1" ? power.on() : power.off());
    });
  });
  const say = `busybox nc 127.0.0.1 ${portOf(control)}`;
  const simulator = await startIpmi({
    getPower: `echo get | ${say}`,
    setPower: `echo "$1" | ${say}`,
    solPort: portOf(line),
  });
  return {
    ...simulator,
    stop: async () => {
      await simulator.stop();
      for (const server of [line, control]) server.close();
    },
  };
}

async function listen(onConnection: (socket: Socket) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, onConnection).listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
