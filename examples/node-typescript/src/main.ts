// The command line.
import { parseArgs } from "node:util";
import { openDepot } from "./depot.js";
import { certificate, Gateway } from "./gateway.js";
import { Node } from "./node.js";

const usage = `usage:
  main.js node  --server HOST:PORT --fingerprint HEX --epoch TIME --pace N --depot URL --data FOLDER
                [--token HEX] [--gateway-key HEX] [--region N] [--until-paid]
  main.js depot --server HOST:PORT --fingerprint HEX --token TOKEN --depot N --port N
A node needs its --token once, and may be told the --gateway-key with it. --epoch is when the mission began, by the clock on the wall, and --pace how
many of its seconds go by in one.`;

const { positionals: [role], values } = parseArgs({
    allowPositionals: true,
    options: {
        server: { type: "string", default: "127.0.0.1:7420" },
        fingerprint: { type: "string" },
        token: { type: "string" },
        "gateway-key": { type: "string" },
        region: { type: "string", default: "1" },
        epoch: { type: "string" },
        pace: { type: "string", default: "1" },
        depot: { type: "string" },
        port: { type: "string", default: "7460" },
        data: { type: "string", default: "node-data" },
        "until-paid": { type: "boolean", default: false },
    },
});

function required(name: "fingerprint" | "token" | "epoch" | "depot"): string {
    const value = values[name];
    if (value === undefined) {
        console.error(`--${name} is missing\n${usage}`);
        process.exit(2);
    }
    return value;
}

const [host = "", port = ""] = values.server.split(":");

if (role === "node") {
    const began = Date.parse(required("epoch"));
    const pace = Number(values.pace);
    const clock = { now: () => Math.max(0, Math.floor((Date.now() - began) / 1000 * pace)) };
    const depot = required("depot");
    const trusted = await certificate(host, Number(port), required("fingerprint"));
    const gateway = new Gateway(values.server, trusted);
    const told = values["gateway-key"];
    const node = await Node.open(
        values.data, values.token, Number(values.region), gateway, clock, depot,
        told === undefined ? undefined : Buffer.from(told, "hex"));
    await node.run(values["until-paid"]);
    gateway.close();
} else if (role === "depot") {
    const trusted = await certificate(host, Number(port), required("fingerprint"));
    const depot = Number(required("depot"));
    openDepot({ host, port: Number(port), trusted, token: required("token"), depot }, Number(values.port));
} else {
    console.error(usage);
    process.exit(2);
}
